import { type Around, around, findRoute, graphState, type NodeSummary, nodeOf, nodesLike, type Route } from './api.ts';
import { Drawing, nameOf, partColours } from './drawing.ts';

const element = <T extends HTMLElement>(id: string): T => document.querySelector<T>(`#${id}`)!;
const input = (id: string): HTMLInputElement => element<HTMLInputElement>(id);

const message = element('message');
const result = element('result');
const found = element('found');
const byName = new Map<string, string>();
let chosen: NodeSummary | undefined;

const drawing = new Drawing(element('network'), choose);

/** Text only: aliases are what strangers wrote. */
function make(tag: string, text: string, className = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function say(text: string, isBad = false): void {
  message.textContent = text;
  message.className = isBad ? 'bad' : '';
}

async function trying(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (failure) {
    say(failure instanceof Error ? failure.message : String(failure), true);
  }
}

/** The id behind what was typed: an id, a name that was offered, or the first node that the words find. */
async function idOf(text: string): Promise<string> {
  const typed = text.trim();
  if (/^0[23][0-9a-fA-F]{64}$/.test(typed)) return typed.toLowerCase();
  const offered = byName.get(typed);
  if (offered !== undefined) return offered;
  const [first] = await nodesLike(typed);
  if (first === undefined) throw new Error(`no node is called '${typed}'`);
  return first.nodeId;
}

function choose(node: NodeSummary): void {
  chosen = node;
  element('about').hidden = false;
  element('chosen').replaceChildren(
    make('strong', nameOf(node)),
    make('div', `${node.channelCount} channels`, 'quiet'),
    make('div', node.nodeId, 'quiet'),
  );
}

async function draw(id: string): Promise<void> {
  const network = await around(id, input('hops').value, input('limit').value);
  drawing.show(network, id);
  choose(network.nodes[0]!);
  result.replaceChildren();
  delete element('network').dataset['parts'];
  say('');
}

async function pay(): Promise<void> {
  const [payer, payee] = await Promise.all([idOf(input('payer').value), idOf(input('payee').value)]);
  const route = await findRoute({
    payer,
    payee,
    amountMsat: String(BigInt(input('amount').value) * 1000n),
    maxParts: Number(input('parts').value),
  });
  const ids = [...new Set(route.parts.flatMap(({ hops }) => [payer, ...hops.map(({ to }) => to)]))];
  const nodes = await Promise.all(ids.map(nodeOf));
  drawing.show(merged(await Promise.all(ids.slice(0, 24).map((id) => around(id, '1', '16')))), payer);
  drawing.showRoute(route, nodes, payer, payee);
  tell(route, new Map(nodes.map((node) => [node.nodeId, nameOf(node)])));
  element('network').dataset['parts'] = String(route.parts.length);
}

/** Several parts of the network as one, each node and channel once. */
const merged = (parts: readonly Around[]): Around => ({
  nodes: [...new Map(parts.flatMap(({ nodes }) => nodes).map((node) => [node.nodeId, node])).values()],
  channels: [
    ...new Map(parts.flatMap(({ channels }) => channels).map((channel) => [channel.shortChannelId, channel])).values(),
  ],
});

const satText = (msat: string): string => (Number(msat) / 1000).toLocaleString('en', { maximumFractionDigits: 3 });

function tell(route: Route, names: ReadonlyMap<string, string>): void {
  const { parts, feeMsat, amountMsat, searchMicroseconds } = route;
  const share = (100 * Number(feeMsat)) / Number(amountMsat);
  const count = parts.length === 1 ? 'one part' : `${parts.length} parts`;
  say(`${count}, fees ${satText(feeMsat)} sat (${share.toFixed(3)} %), found in ${searchMicroseconds / 1000} ms`);
  result.replaceChildren(
    ...parts.map((part, i) => {
      const box = make('div', `${satText(part.amountMsat)} sat, ${part.totalCltvDelta} blocks`, 'part');
      box.style.borderLeftColor = partColours[i % partColours.length]!;
      const list = document.createElement('ol');
      for (const hop of part.hops) {
        const line = make('li', names.get(hop.to) ?? hop.to);
        line.append(make('small', `by ${hop.shortChannelId}, fee ${satText(hop.feeMsat)} sat`));
        list.append(line);
      }
      box.append(list);
      return box;
    }),
  );
}

let latest = 0;
async function offer(text: string): Promise<void> {
  const number = ++latest;
  const nodes = await nodesLike(text.slice(0, 66));
  if (number !== latest) return;
  for (const node of nodes) byName.set(nameOf(node), node.nodeId);
  found.replaceChildren(
    ...nodes.map((node) => {
      const option = document.createElement('option');
      option.value = nameOf(node);
      option.label = `${node.channelCount} channels`;
      return option;
    }),
  );
}

for (const id of ['search', 'payer', 'payee']) {
  input(id).addEventListener('input', () => void trying(() => offer(input(id).value)));
}
element('find').addEventListener('submit', (event) => {
  event.preventDefault();
  void trying(async () => draw(await idOf(input('search').value)));
});
element('route').addEventListener('submit', (event) => {
  event.preventDefault();
  void trying(pay);
});
element('from-here').addEventListener('click', () => {
  input('payer').value = chosen?.nodeId ?? '';
});
element('to-here').addEventListener('click', () => {
  input('payee').value = chosen?.nodeId ?? '';
});
element('draw-here').addEventListener('click', () => void trying(() => draw(chosen!.nodeId)));

void trying(async () => {
  const state = await graphState();
  element('state').textContent =
    `${state.channels.toLocaleString('en')} channels, ${state.nodes.toLocaleString('en')} nodes: ${state.source}`;
  const top = await nodesLike('');
  await offer('');
  const [first, second] = top;
  if (first === undefined) return say('the graph is empty', true);
  input('search').value = nameOf(first);
  input('payer').value = nameOf(second ?? first);
  input('payee').value = nameOf(top.at(-1)!);
  await draw(first.nodeId);
});
