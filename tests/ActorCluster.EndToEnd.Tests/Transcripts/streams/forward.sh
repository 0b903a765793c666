# forward WHAT PORT: what WHAT answers at PORT, asked through `kubectl port-forward`.
coproc kubectl port-forward "$1" ":$2" --address=127.0.0.1
read -r line <&"${COPROC[0]}"
port=${line#*127.0.0.1:}
port=${port%% *}
echo "${line/:$port/:<port>}"
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET / HTTP/1.0\r\n\r\n' >&3
grep -o '<title>.*</title>' <&3
kill "$COPROC_PID"
