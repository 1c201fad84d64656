'use strict';
{
  const askEvery = 1000; // ms
  const waitAtMost = 5000;
  const slotsShown = 31; // the slices the gateway keeps, and the one going on
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  const $ = (id) => document.getElementById(id);

  // ---- words and numbers ----

  const whole = new Intl.NumberFormat('en');
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

  const count = (n) => whole.format(n);
  const many = (n, one, more = one + 's') => `${count(n)} ${n === 1 ? one : more}`;
  const stateName = (state) => (state === 'half_open' ? 'half-open' : state);
  const stateLook = { closed: 'ok', half_open: 'warn', open: 'bad' };
  const dash = '–';

  function rate(requests, span) {
    const perSecond = span > 0 ? (requests * 1000) / span : 0;
    if (perSecond === 0) return '0';
    return perSecond < 0.1 ? perSecond.toFixed(2) : perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond));
  }
  function percent(part, all) {
    if (all === 0) return dash;
    const share = (100 * part) / all;
    return `${share > 0 && share < 1 ? share.toFixed(1) : Math.round(share)} %`;
  }
  function took(ms) {
    if (ms === null || ms === undefined) return dash;
    if (ms < 10) return `${ms.toFixed(1)} ms`;
    if (ms < 1000) return `${Math.round(ms)} ms`;
    if (ms < 60000) return `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
    return `${Math.floor(ms / 60000)} min ${Math.floor((ms % 60000) / 1000)} s`;
  }
  function left(ms) {
    if (ms < 10000 && !calm.matches) return `${(ms / 1000).toFixed(1)} s left`;
    const seconds = Math.ceil(ms / 1000);
    return seconds < 60 ? `${seconds} s left` : `${Math.floor(seconds / 60)} min ${seconds % 60} s left`;
  }
  function since(ms) {
    const seconds = Math.floor(ms / 1000);
    const [d, h, m] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
    if (d > 0) return `${d} d ${h} h`;
    if (h > 0) return `${h} h ${m} min`;
    return m > 0 ? `${m} min ${seconds % 60} s` : `${seconds} s`;
  }
  function at(time) {
    const when = new Date(time);
    const today = when.toDateString() === new Date().toDateString();
    return today ? clock.format(when) : `${day.format(when)} ${clock.format(when)}`;
  }

  // ---- the document ----

  function make(tag, look, ...inside) {
    const node = document.createElement(tag);
    if (look) node.className = look;
    node.append(...inside);
    return node;
  }
  // Parts of a table. Their roles are said, because a narrow window lays them out as something else.
  const roles = { table: 'table', thead: 'rowgroup', tbody: 'rowgroup', tr: 'row', td: 'cell' };
  function part(tag, look, ...inside) {
    const node = make(tag, look, ...inside);
    node.setAttribute('role', roles[tag]);
    return node;
  }
  function heading(scope, look, ...inside) {
    const node = make('th', look, ...inside);
    node.scope = scope;
    node.setAttribute('role', scope === 'col' ? 'columnheader' : 'rowheader');
    return node;
  }
  // What stays as it is is not written, so that selections and screen readers are left alone.
  function put(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }
  function dress(node, look) {
    if (node.className !== look) node.className = look;
  }
  function show(node, visible) {
    if (node.hidden === visible) node.hidden = !visible;
  }
  function moment(time) {
    const node = make('time', '', at(time));
    node.dateTime = time;
    node.title = time;
    return node;
  }

  // One view for each key, in the order of the items, behind `head` when there is one. Views that stay keep their nodes,
  // and with them focus and what is open.
  function keep(parent, views, items, keyOf, create, update, head = null) {
    const keys = new Set(items.map(keyOf));
    for (const [key, view] of views) {
      if (keys.has(key)) continue;
      view.root.remove();
      views.delete(key);
    }
    let place = head ? head.nextSibling : parent.firstChild;
    for (const item of items) {
      const key = keyOf(item);
      let view = views.get(key);
      if (!view) views.set(key, (view = create(item)));
      if (view.root === place) place = place.nextSibling;
      else parent.insertBefore(view.root, place);
      if (update) update(view, item);
    }
  }

  // ---- time that goes on between two answers ----

  const countdowns = new Set(); // {node, until}
  let startedAt; // by performance.now()
  let lost; // while the gateway cannot be reached

  function tick() {
    const now = performance.now();
    for (const one of countdowns) {
      if (one.node.isConnected) put(one.node, left(Math.max(0, one.until - now)));
      else countdowns.delete(one);
    }
    if (startedAt !== undefined) put($('uptime'), `· up ${since(now - startedAt)}`);
    if (lost) put(lost.ago, since(now - lost.at));
  }
  let ticking;
  function setTicking() {
    clearInterval(ticking);
    if (!document.hidden) ticking = setInterval(tick, calm.matches ? 1000 : 100);
  }
  calm.addEventListener('change', setTicking);

  // ---- lines ----

  function makeLine() {
    const root = $('line').content.firstElementChild.cloneNode(true);
    return { root, area: root.querySelector('.area'), stroke: root.querySelector('.stroke') };
  }
  // The newest value is at the right edge; nothing is drawn where there is none.
  function drawLine(line, values, top, label) {
    const step = 120 / (slotsShown - 1);
    const x = (i) => (120 - (values.length - 1 - i) * step).toFixed(1);
    const y = (value) => (27 - (26 * value) / (top || 1)).toFixed(1);
    let stroke = '';
    let area = '';
    for (let i = 0; i < values.length; ) {
      if (values[i] === null) {
        i += 1;
        continue;
      }
      let end = i;
      while (end + 1 < values.length && values[end + 1] !== null) end += 1;
      const points = [];
      for (let k = i; k <= end; k += 1) points.push(`${x(k)} ${y(values[k])}`);
      stroke += end === i ? `M${points[0]}h-2` : `M${points.join('L')}`;
      area += `M${x(i)} 28L${points.join('L')}L${x(end)} 28Z`;
      i = end + 1;
    }
    line.stroke.setAttribute('d', stroke);
    line.area.setAttribute('d', area);
    if (line.root.getAttribute('aria-label') !== label) line.root.setAttribute('aria-label', label);
  }

  // ---- the whole gateway ----

  const tiles = {};
  for (const [name, title, hasLine] of [
    ['requests', 'Requests a second', true],
    ['failures', 'Failed for clients'],
    ['in_flight', 'In flight'],
    ['streams', 'Streams'],
    ['client_connections', 'Client connections'],
    ['circuits', 'Circuits not closed'],
  ]) {
    const tile = { value: make('dd'), more: make('dd', 'small') };
    const root = make('div', '', make('dt', '', title), tile.value);
    if (hasLine) root.append((tile.line = makeLine()).root);
    root.append(tile.more);
    $('totals').append(root);
    tiles[name] = tile;
  }

  function showTotals({ totals, pools }) {
    const minute = totals.last_minute;
    put(tiles.requests.value, rate(minute.requests, minute.span_ms));
    put(tiles.requests.more, `${count(totals.requests)} since the start`);
    // The last slice has only begun: as a rate it would jump.
    const slices = totals.history.requests.slice(0, -1);
    const top = Math.max(0, ...slices);
    const most = rate(top, totals.history.slice_ms);
    drawLine(tiles.requests.line, slices, top, `Requests over the last five minutes, at most ${most} a second`);
    put(tiles.failures.value, percent(minute.failures, minute.requests));
    put(tiles.failures.more, `${count(totals.failures)} since the start`);
    put(tiles.in_flight.value, count(totals.in_flight));
    put(tiles.in_flight.more, 'requests at members');
    put(tiles.streams.value, count(totals.streams));
    put(tiles.streams.more, 'answers being streamed');
    put(tiles.client_connections.value, count(totals.client_connections));
    put(tiles.client_connections.more, 'open now');
    // A backend may be a member of several pools, with the same circuits.
    const states = new Map();
    for (const { backend, circuits } of pools.flatMap(({ members }) => members)) {
      for (const { deployment, state } of circuits) states.set(`${backend} ${deployment}`, state);
    }
    put(tiles.circuits.value, count([...states.values()].filter((state) => state !== 'closed').length));
    put(tiles.circuits.more, `of ${many(states.size, 'that was', 'that were')} used`);
  }

  // ---- circuits ----

  function makeCircuit() {
    const view = { pill: make('span', 'pill'), name: make('b'), rule: make('span'), time: make('span', 'time') };
    view.why = make('span', 'why', view.rule, view.time);
    view.root = make('li', '', view.pill, view.name, view.why);
    view.countdown = { node: view.time, until: 0 };
    return view;
  }
  function showCircuit(view, circuit) {
    put(view.pill, stateName(circuit.state));
    dress(view.pill, `pill ${stateLook[circuit.state]}`);
    put(view.name, circuit.deployment === '-' ? 'without a model' : circuit.deployment);
    if (circuit.reopens_in_ms === null) {
      countdowns.delete(view.countdown);
      put(view.rule, `${circuit.rule}, one probe at a time`);
      put(view.time, '');
      return;
    }
    put(view.rule, `${circuit.rule}, `);
    // Answers take their time; only a real change moves the end.
    const until = performance.now() + circuit.reopens_in_ms;
    if (!countdowns.has(view.countdown) || Math.abs(view.countdown.until - until) > 400) view.countdown.until = until;
    countdowns.add(view.countdown);
  }

  function makeCircuits() {
    const view = { list: make('ul'), views: new Map(), summary: make('summary'), names: make('p') };
    view.details = make('details', '', view.summary, view.names);
    view.unused = make('span', 'small', 'none used yet');
    view.parts = [view.list, view.details, view.unused];
    return view;
  }
  function showCircuits(view, circuits) {
    const apart = circuits.filter(({ state }) => state !== 'closed');
    const closed = circuits.filter(({ state }) => state === 'closed').map(({ deployment }) => deployment);
    keep(view.list, view.views, apart, ({ deployment }) => deployment, makeCircuit, showCircuit);
    show(view.list, apart.length > 0);
    show(view.details, closed.length > 0);
    show(view.unused, circuits.length === 0);
    put(view.summary, `${closed.length} closed`);
    dress(view.summary, apart.length > 0 ? '' : 'only');
    put(view.names, closed.map((name) => (name === '-' ? 'without a model' : name)).join(', '));
  }

  // ---- members ----

  const columns = [
    ['Member', 'member'],
    ['Circuits', 'circuits'],
    ['Share', 'share'],
    ['Requests', 'number'],
    ['Throttled', 'number'],
    ['Failed', 'number'],
    ['In flight', 'number'],
    ['First byte', 'number'],
    ['Answer', 'number'],
    ['First byte, 5 min', 'history'],
  ];
  const [, , , requestsLabel, throttledLabel, failedLabel, flightLabel, firstLabel, answerLabel, lineLabel] = columns.map(
    ([label]) => label,
  );

  function makeNumber(label) {
    const view = { main: make('span'), more: make('span', 'small') };
    view.root = part('td', 'number', view.main, view.more);
    view.root.dataset.label = label;
    return view;
  }

  function makeMember() {
    const view = {
      name: make('strong'),
      drained: make('span', 'pill', 'drained'),
      credential: make('span', 'pill bad', 'no access token'),
      where: make('span', 'small'),
      circuits: makeCircuits(),
      share: make('span'),
      bar: make('i'),
      mark: make('b'),
      fair: make('span', 'small'),
      requests: makeNumber(requestsLabel),
      throttled: makeNumber(throttledLabel),
      failed: makeNumber(failedLabel),
      flight: makeNumber(flightLabel),
      first: makeNumber(firstLabel),
      answer: makeNumber(answerLabel),
      line: makeLine(),
    };
    const name = heading('row', 'member', view.name, view.drained, view.credential, view.where);
    const track = make('span', 'bar', view.bar, view.mark);
    track.setAttribute('aria-hidden', 'true');
    const share = part('td', 'share', view.share, track, view.fair);
    share.dataset.label = 'Share of the last minute';
    const history = part('td', 'history', view.line.root);
    history.dataset.label = lineLabel;
    const numbers = [view.requests, view.throttled, view.failed, view.flight, view.first, view.answer];
    view.root = part('tr', '', name, part('td', 'circuits', ...view.circuits.parts), share, ...numbers.map((n) => n.root), history);
    return view;
  }

  const kinds = { ptu: 'PTU', paygo: 'pay-as-you-go' };

  function showMember(view, { member, group, top }) {
    const minute = member.last_minute;
    put(view.name, member.backend);
    show(view.drained, member.weight === 0);
    show(view.credential, member.credential !== 'ok');
    put(view.where, [member.region, kinds[member.kind] ?? member.kind].filter(Boolean).join(' · '));
    showCircuits(view.circuits, member.circuits);

    const all = group.requests;
    put(view.share, percent(minute.requests, all));
    view.bar.style.width = all ? `${(100 * minute.requests) / all}%` : '0';
    const fair = group.weights > 0 ? (100 * member.weight) / group.weights : 0;
    const weighs = group.weighs && group.members.length > 1;
    show(view.mark, weighs);
    view.mark.style.left = `${fair}%`;
    put(view.fair, weighs ? `by weight ${percent(member.weight, group.weights)}` : '');

    const figures = (number, lately, total) => {
      put(number.main, count(lately));
      put(number.more, total > 0 ? `${count(total)} in all` : '');
      dress(number.main, lately > 0 ? '' : 'zero');
    };
    figures(view.requests, minute.requests, member.requests);
    figures(view.throttled, minute.throttled, member.throttled);
    figures(view.failed, minute.failures, member.failures);
    put(view.flight.main, count(member.in_flight));
    dress(view.flight.main, member.in_flight > 0 ? '' : 'zero');
    const times = (number, { p50, p95 }) => {
      put(number.main, took(p50));
      put(number.more, p95 === null ? '' : `p95 ${took(p95)}`);
      dress(number.main, p50 === null ? 'zero' : '');
    };
    times(view.first, minute.ttfb_ms);
    times(view.answer, minute.duration_ms);
    const history = member.history.ttfb_ms;
    const highest = Math.max(...history.filter((time) => time !== null));
    const label = Number.isFinite(highest)
      ? `First byte over the last five minutes: typically ${took(minute.ttfb_ms.p50)} now, ${took(highest)} at the slowest`
      : 'First byte: no answers in the last five minutes';
    drawLine(view.line, history, top, label);
  }

  // ---- pools ----

  function makeGroup() {
    const view = { views: new Map(), title: make('strong'), more: make('span') };
    const head = heading('rowgroup', '', view.title, view.more);
    head.colSpan = columns.length;
    view.head = part('tr', 'group', head);
    view.root = part('tbody', '', view.head);
    return view;
  }
  function showGroup(view, group) {
    put(view.title, `Priority ${group.priority}`);
    put(view.more, group.ofPool === null ? '' : ` · ${group.ofPool} of the pool’s attempts in the last minute`);
    show(view.head, group.named);
    const items = group.members.map((member) => ({ member, group, top: group.top }));
    keep(view.root, view.views, items, ({ member }) => member.backend, makeMember, showMember, view.head);
  }

  function makePool(pool) {
    const view = { groups: new Map(), name: make('h3'), about: make('span', 'small'), trouble: make('span', 'pill'), lately: make('span', 'small lately') };
    const heads = columns.map(([title, look]) => heading('col', look, title));
    const tops = part('thead', '', part('tr', '', ...heads));
    view.table = part('table', 'members', make('caption', 'unseen', `Members of the pool ${pool.name}`), tops);
    view.tops = tops;
    view.root = make('details', 'pool', make('summary', '', view.name, view.about, view.trouble, view.lately), make('div', 'wide', view.table));
    view.root.open = true;
    return view;
  }
  const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);

  function showPool(view, pool) {
    const open = sum(pool.members, ({ circuits }) => circuits.filter(({ state }) => state !== 'closed').length);
    const requests = sum(pool.members, (member) => member.last_minute.requests);
    const priorities = [...new Set(pool.members.map(({ priority }) => priority))].sort((a, b) => a - b);
    const top = Math.max(0, ...pool.members.flatMap(({ history }) => history.ttfb_ms));
    put(view.name, pool.name);
    put(view.about, `${pool.strategy.replace('_', ' ')} · ${many(pool.members.length, 'member')}`);
    put(view.trouble, pool.ready ? (open ? `${many(open, 'circuit')} not closed` : 'all well') : 'no eligible member');
    dress(view.trouble, `pill ${pool.ready ? (open ? 'warn' : 'ok') : 'bad'}`);
    put(view.lately, `${many(requests, 'attempt')} in the last minute`);
    const groups = priorities.map((priority) => {
      const members = pool.members.filter((member) => member.priority === priority);
      const own = sum(members, (member) => member.last_minute.requests);
      return {
        priority,
        members,
        top,
        requests: own,
        weights: sum(members, ({ weight }) => weight),
        weighs: pool.strategy !== 'least_latency',
        ofPool: requests ? percent(own, requests) : null,
        named: priorities.length > 1,
      };
    });
    keep(view.table, view.groups, groups, ({ priority }) => priority, makeGroup, showGroup, view.tops);
  }

  const pools = new Map();
  let newest; // the last answer

  // ---- the filter ----

  function filter() {
    const wanted = $('filter').value.trim().toLowerCase();
    const has = (text) => text.toLowerCase().includes(wanted);
    let all = 0;
    let found = 0;
    for (const pool of newest?.pools ?? []) {
      const view = pools.get(pool.name);
      let inPool = 0;
      for (const group of view.groups.values()) {
        let inGroup = 0;
        for (const [name, row] of group.views) {
          const member = pool.members.find(({ backend }) => backend === name);
          const names = [pool.name, name, member.region, kinds[member.kind] ?? '', ...member.circuits.map(({ deployment }) => deployment)];
          const visible = names.some(has);
          show(row.root, visible);
          all += 1;
          if (visible) inGroup += 1;
        }
        show(group.root, inGroup > 0);
        inPool += inGroup;
      }
      show(view.root, inPool > 0);
      found += inPool;
    }
    put($('found'), wanted ? `${count(found)} of ${many(all, 'member')}` : '');
  }
  $('filter').addEventListener('input', filter);

  // ---- what happened ----

  const transitions = new Map();
  const reloads = new Map();
  let told = 0; // number of the last transition that was said aloud

  function makeTransition(change) {
    const to = make('span', `pill ${stateLook[change.to]}`, stateName(change.to));
    const deployment = change.deployment === '-' ? 'without a model' : change.deployment;
    const why = change.open_for_ms === null ? (change.rule ?? '') : `${change.rule}, for ${took(change.open_for_ms)}`;
    const circuit = part('td', '', make('strong', '', change.backend), ' ', deployment);
    const states = part('td', 'now', make('span', 'small', `${stateName(change.from)} → `), to);
    return { root: part('tr', '', part('td', '', moment(change.time)), circuit, states, part('td', '', why)) };
  }

  function makeReload(reload) {
    const fine = reload.result === 'success';
    const result = make('span', `pill ${fine ? 'ok' : 'bad'}`, fine ? 'accepted' : 'refused');
    const last = part('td', '', result);
    if (fine) last.append(' ', make('code', '', reload.sha256.slice(0, 12)));
    for (const problem of reload.problems) last.append(make('p', 'small', problem));
    const more = reload.problem_count - reload.problems.length;
    if (more > 0) last.append(make('p', 'small', `and ${many(more, 'more problem')}`));
    return { root: part('tr', '', part('td', '', moment(reload.time)), part('td', '', reload.what), last) };
  }

  function sayTransitions(all) {
    const fresh = all.filter(({ number }) => number > told).reverse();
    told = all[0]?.number ?? 0;
    if (fresh.length > 4) return say(`${fresh.length} circuits have changed.`);
    if (fresh.length > 0)
      say(fresh.map((one) => `Circuit ${one.deployment} of ${one.backend} is ${stateName(one.to)}.`).join(' '));
  }
  function say(text) {
    put($('said'), text);
  }

  function showEvents(status, again) {
    if (again) told = status.transitions[0]?.number ?? 0;
    keep($('transitions'), transitions, status.transitions, ({ number, time }) => `${number} ${time}`, makeTransition);
    show($('no-transitions'), status.transitions.length === 0);
    sayTransitions(status.transitions);
    const start = { time: status.started_at, what: 'start', result: 'success', problems: [], problem_count: 0, sha256: '' };
    const all = [...status.reloads.map((one) => ({ ...one, what: 'reload' })), start];
    keep($('reloads'), reloads, all, ({ time, what }) => `${what} ${time}`, makeReload);
  }

  // ---- an answer ----

  function showState(status) {
    const unready = status.pools.filter(({ ready }) => !ready).map(({ name }) => name);
    const [text, look] = status.draining
      ? ['draining', 'warn']
      : unready.length
        ? [`not ready: ${unready.join(', ')}`, 'bad']
        : ['ready', 'ok'];
    put($('state'), text);
    dress($('state'), `pill ${look}`);
    document.title = look === 'ok' ? 'Spillway' : `Spillway: ${text}`;
  }

  function showAll(status) {
    const again = newest?.started_at !== status.started_at; // the first answer, or another process
    newest = status;
    const start = performance.now() - status.uptime_ms;
    if (again || Math.abs(start - startedAt) > 900) startedAt = start;
    put($('version'), `version ${status.version}`);
    put($('config-path'), status.config.path);
    put($('config-hash'), status.config.sha256);
    put($('config-loaded'), at(status.config.loaded_at));
    put($('build'), `${status.version}, ${status.build.compiler}, OpenSSL ${status.build.openssl}`);
    showState(status);
    showTotals(status);
    keep($('pool-list'), pools, status.pools, ({ name }) => name, makePool, showPool);
    showEvents(status, again);
    filter();
    tick();
  }

  // ---- asking ----

  let asking; // the timer of the next question
  let heard; // by performance.now(): the last answer

  function found() {
    heard = performance.now();
    if (!lost) return;
    lost = undefined;
    show($('alarm'), false);
    document.body.classList.remove('stale');
    say('The gateway can be reached again.');
  }

  function missed() {
    if (lost) return;
    const ago = make('span');
    lost = { at: heard ?? performance.now(), ago };
    const clockTime = clock.format(new Date(Date.now() - (performance.now() - lost.at)));
    $('alarm').replaceChildren(`The gateway cannot be reached since ${clockTime} (`, ago, newest ? '). What is shown is from then.' : ').');
    show($('alarm'), true);
    document.body.classList.add('stale');
    put($('state'), 'unreachable');
    dress($('state'), 'pill bad');
    document.title = 'Spillway: unreachable';
    tick();
  }

  async function ask() {
    clearTimeout(asking);
    const begun = performance.now();
    let status;
    try {
      const answer = await fetch('status?history=true', { cache: 'no-store', signal: AbortSignal.timeout(waitAtMost) });
      if (answer.ok) status = await answer.json();
    } catch {
      // Nobody answered, not in time, or not to the end.
    }
    if (status) found();
    else missed();
    if (status) showAll(status);
    clearTimeout(asking);
    if (!document.hidden) asking = setTimeout(ask, Math.max(100, askEvery - (performance.now() - begun)));
  }

  document.addEventListener('visibilitychange', () => {
    setTicking();
    clearTimeout(asking);
    if (!document.hidden) ask();
  });
  setTicking();
  ask();
}
