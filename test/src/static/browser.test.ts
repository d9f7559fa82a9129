import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BrowserTab, browserNeeded } from '../rig/browser.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { workerSpawned } from '../tutorial/expect.ts';
import { layOutFiles } from './files.ts';

const PAGE = `<!DOCTYPE html>
<link rel="stylesheet" href="look.css">
<link rel="icon" href="data:,">
<p>text</p>
<video preload="auto" src="film.webm"></video>
`;

const skip = browserNeeded.skip === false ? oursOnly.skip : browserNeeded.skip;

test(
  'a browser loads a page with its style sheet, asks for parts of a film, and gets 304 at a reload',
  { skip },
  async (t) => {
    await using rig = Rig.open(t, { mayLeave: /^(?:browser|tmp)\// });
    layOutFiles(rig);
    rig.write('static/film.html', PAGE);
    rig.write('static/look.css', 'p { margin-left: 77px }');
    rig.write('static/film.webm', Buffer.alloc(300_000, '\x1a\x45\xdf\xa3'));
    const port = await rig.port();
    rig.write(
      'uwsgi.ini',
      `[uwsgi]
master = true
http-socket = 127.0.0.1:${port}
module = app
check-static = static
static-etag = true
honour-range = true
add-header = Cache-Control: no-cache
log-format = seen %(method) %(uri) %(status) %(var.HTTP_RANGE)
`,
    );
    const vassal = await rig.vassal(['uwsgi.ini']);
    await vassal.waitForLog(workerSpawned);
    await using tab = await BrowserTab.open(rig);
    await tab.visit(`http://127.0.0.1:${port}/film.html`);
    await vassal.waitForLog(/^seen GET \/film\.html 200 -$/);
    await vassal.waitForLog(/^seen GET \/look\.css 200 -$/);
    await vassal.waitForLog(/^seen GET \/film\.webm 206 bytes=0-$/);
    assert.equal(await tab.evaluate('getComputedStyle(document.querySelector("p")).marginLeft'), '77px');

    const mark = vassal.log.mark();
    await tab.reload();
    await vassal.waitForLog(/^seen GET \/film\.html 304 -$/, mark);
    await vassal.waitForLog(/^seen GET \/look\.css 304 -$/, mark);
    assert.equal(await tab.evaluate('getComputedStyle(document.querySelector("p")).marginLeft'), '77px');
    assert.deepEqual(
      await tab.evaluate('fetch("ten.txt", { headers: { Range: "bytes=2-4" } }).then((answer) => answer.text())'),
      '234',
    );
  },
);
