/* Where tickets wait that have not reached the server: IndexedDB, or localStorage in a browser without it.
   An entry is plain data, so that either place can hold it:
     key      the ticket's client key, which makes sending it twice the same as once
     url      where it is sent
     label    what the person reads about it
     person   who weighed it
     fields   [[name, value], …]
     photo    a data URL, or ""
     refusal  null, or what the server said: {message, fields: {name: message}} */
const DATABASE = "gufei-gate";
const SHELF = "tickets";
const PREFIX = "gufei-gate:";

/* The first place that works, or null where a browser keeps nothing. */
export async function openStore() {
  for (const open of [openIndexedDb, openLocalStorage]) {
    try {
      return await open();
    } catch (error) {
      console.info("gate: a place to keep tickets is closed", error);
    }
  }
  return null;
}

async function openIndexedDb() {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(SHELF, { keyPath: "key" });
  const database = await settled(opening);
  return {
    all: () => settled(database.transaction(SHELF).objectStore(SHELF).getAll()),
    put: (entry) => written(database, (shelf) => shelf.put(entry)),
    remove: (key) => written(database, (shelf) => shelf.delete(key)),
  };
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/* Resolves only once the change lies on the disk. */
function written(database, change) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(SHELF, "readwrite", { durability: "strict" });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    change(transaction.objectStore(SHELF));
  });
}

function openLocalStorage() {
  localStorage.setItem(PREFIX, "");
  localStorage.removeItem(PREFIX);
  const names = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  return {
    all: async () => names().map((name) => JSON.parse(localStorage.getItem(name))),
    put: async (entry) => localStorage.setItem(PREFIX + entry.key, JSON.stringify(entry)),
    remove: async (key) => localStorage.removeItem(PREFIX + key),
  };
}
