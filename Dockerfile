# One image for both roles: `actorcluster run control-plane ...` and `actorcluster run worker ...` (docker-compose.yml).
# All images are build arguments, so that locally made ones serve where no registry can be reached. APP_IMAGE is where the published program is taken
# from, as /app: built here unless another image has it.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0
ARG APP_IMAGE=build

FROM ${SDK_IMAGE} AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/ActorCluster.Cli -c Release -o /app

FROM ${APP_IMAGE} AS app

FROM ${RUNTIME_IMAGE}
COPY --from=app /app /app
# The data folder, the nodes' disks and /tmp are mounts; nothing else is written, so that the container may run read-only.
RUN install -d -m 700 -o 10001 -g 10001 /data /disks && install -d -m 1777 /tmp
USER 10001:10001
ENV DOTNET_EnableDiagnostics=0
ENTRYPOINT ["/app/actorcluster"]
CMD ["--help"]
