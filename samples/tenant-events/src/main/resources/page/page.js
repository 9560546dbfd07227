'use strict';

const byId = id => document.getElementById(id);
let stream;

function listen() {
  stream = new EventSource('/events?topic=orders.*');
  stream.onopen = () => {
    byId('state').value = 'open';
    byId('place').disabled = false;
  };
  // The browser comes back by itself, with the id of the last event that it has seen.
  stream.onerror = () => { byId('state').value = 'broken off'; };
  stream.onmessage = message => {
    const event = JSON.parse(message.data);
    const line = document.createElement('li');
    line.textContent = `${event.type} ${event.data.order}`;
    byId('orders').append(line);
  };
  stream.addEventListener('gap', () => {
    const line = document.createElement('li');
    line.textContent = 'something is missing here';
    byId('orders').append(line);
  });
  stream.addEventListener('end', message => {
    stream.close();
    byId('state').value = `over: ${JSON.parse(message.data).reason}`;
  });
}

async function signIn(name) {
  stream?.close();
  byId('orders').replaceChildren();
  const answer = await fetch(`/session/${encodeURIComponent(name)}`, { method: 'POST' });
  if (answer.ok) {
    byId('who').value = name;
    listen();
  }
}

for (const button of document.querySelectorAll('[data-name]')) {
  button.addEventListener('click', () => signIn(button.dataset.name));
}
byId('place').addEventListener('click', () => fetch('/orders', { method: 'POST' }));

// /#ann signs in as ann
if (location.hash.length > 1) {
  signIn(location.hash.slice(1));
}
