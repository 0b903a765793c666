// Asks for the whole view once a second and redraws it: it is small, and nothing can get out of step.
const good = new Set(["Ready", "Running", "Completed", "Succeeded"]);
const columns = {
  nodes: ["name", "status", "address", "pods"],
  pods: ["namespace", "name", "status", "ready", "restarts", "address", "node"],
  services: ["namespace", "name", "type", "clusterIp", "external", "ports"],
};

function show(id, rows) {
  const body = document.querySelector(`#${id} tbody`);
  body.replaceChildren(...rows.flatMap(row => {
    const line = document.createElement("tr");
    for (const column of columns[id]) {
      const cell = line.insertCell();
      cell.textContent = String(row[column]).replaceAll(",", ", "); // never as HTML: names come from whoever can create objects
      if (column === "status") cell.className = good.has(row[column]) ? "good" : "bad";
      if (column === "external" || column === "ports") cell.className = "list";
    }
    return row.places?.length ? [line, placesOf(row.places)] : [line];
  }));
}

// A line of its own below a service's: where this machine reaches it.
function placesOf(places) {
  const line = document.createElement("tr");
  line.className = "places";
  line.insertCell();
  const cell = line.insertCell();
  cell.colSpan = columns.services.length - 1;
  cell.append("from this machine: ", ...places.flatMap(text => [place(text), " "]));
  return line;
}

// "http://127.18.0.2:30080 (no local endpoint)": the URL is a link if a browser can use it.
function place(text) {
  const all = document.createElement("span");
  const url = text.split(" ")[0];
  if (/^https?:\/\//.test(url)) {
    const link = document.createElement("a");
    link.href = link.textContent = url;
    link.rel = "noreferrer";
    all.append(link, text.slice(url.length));
  } else {
    all.textContent = text;
  }
  return all;
}

async function refresh() {
  const error = document.getElementById("error");
  try {
    const view = await (await fetch("view")).json();
    document.getElementById("cluster").textContent = view.name;
    document.title = `${view.name} - ActorCluster`;
    error.hidden = !view.error;
    error.textContent = view.error ?? "";
    if (!view.error) for (const id of Object.keys(columns)) show(id, view[id]);
  } catch {
    error.hidden = false;
    error.textContent = "The dashboard has ended. Start it again with: actorcluster dashboard";
  }
  setTimeout(refresh, 1000);
}

refresh();
