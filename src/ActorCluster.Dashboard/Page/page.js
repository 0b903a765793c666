// Asks for the whole view once a second and redraws it: it is small, and nothing can get out of step.
const good = new Set(["Ready", "Running", "Completed", "Succeeded"]);
const columns = {
  nodes: ["name", "status", "address", "pods"],
  pods: ["namespace", "name", "status", "ready", "restarts", "address", "node"],
  services: ["namespace", "name", "type", "clusterIp", "ports"],
};

function show(id, rows) {
  const body = document.querySelector(`#${id} tbody`);
  body.replaceChildren(...rows.map(row => {
    const line = document.createElement("tr");
    for (const column of columns[id]) {
      const cell = line.insertCell();
      cell.textContent = row[column]; // never as HTML: names come from whoever can create objects
      if (column === "status") cell.className = good.has(row[column]) ? "good" : "bad";
    }
    return line;
  }));
}

async function refresh() {
  const error = document.getElementById("error");
  try {
    const view = await (await fetch("view")).json();
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
