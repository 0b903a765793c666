# One image for both roles: `actorcluster run control-plane ...` and `actorcluster run worker ...` (docker-compose.yml).
# The base images are build arguments, so that locally made ones serve where no registry can be reached.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0

FROM ${SDK_IMAGE} AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/ActorCluster.Cli -c Release -o /app

FROM ${RUNTIME_IMAGE}
COPY --from=build /app /app
# The state folders are mounts; nothing else is written, so that the container may run read-only.
RUN mkdir -p /data /out && chown 10001:10001 /data /out
USER 10001:10001
ENV DOTNET_EnableDiagnostics=0
ENTRYPOINT ["/app/actorcluster"]
CMD ["--help"]
