import type { RouteCase } from './side-by-side.ts';

/** A header that tells that a rule was asked and its condition held. */
const YES = 'addheader:X-Held: yes';

const subjects: readonly RouteCase[] = [
  { title: 'route matches PATH_INFO', rules: [`route = ^HERE/a ${YES}`], line: 'GET HERE/a' },
  { title: 'route is unanchored', rules: [`route = a/b ${YES}`], line: 'GET HERE/a/b' },
  { title: 'route looks at the decoded path', rules: [`route = /a_b$ ${YES}`], line: 'GET HERE/a%5Fb' },
  { title: 'route does not match', rules: [`route = ^/other ${YES}`] },
  { title: 'route-host', rules: [`route-host = ^localhost$ ${YES}`] },
  { title: 'route-host does not match', rules: [`route-host = ^example$ ${YES}`] },
  {
    title: 'route-uri looks at the raw URI with its query',
    rules: [`route-uri = %%5F\\?x=1$ ${YES}`],
    line: 'GET HERE/%5F?x=1',
  },
  { title: 'route-qs', rules: [`route-qs = (^|&)b=2 ${YES}`], line: 'GET HERE/?a=1&b=2' },
  { title: 'route-qs without a query', rules: [`route-qs = . ${YES}`] },
  { title: 'route-remote-addr', rules: [`route-remote-addr = ^127\\.0\\.0\\.1$ ${YES}`] },
  { title: 'route-user-agent', rules: [`route-user-agent = Fire ${YES}`], headers: { 'User-Agent': 'Firefox' } },
  { title: 'route-user-agent without one', rules: [`route-user-agent = . ${YES}`] },
  { title: 'route-referer', rules: [`route-referer = ^http://a/ ${YES}`], headers: { Referer: 'http://a/b' } },
  { title: 'route-remote-user', rules: ['route-run = setuser:kate', `route-remote-user = ^kate$ ${YES}`] },
  { title: 'route-if-not', rules: [`route-if-not = empty:\${QUERY_STRING} ${YES}`], line: 'GET HERE/?x' },
  { title: 'groups', rules: ['route = ^HERE/([a-z]+)/([0-9]+)$ addheader:X-Groups: $2-$1-$0'], line: 'GET HERE/ab/12' },
  {
    title: 'a group that matched nothing',
    rules: ['route = ^HERE/(a)?(b)$ addheader:X-Groups: [$1][$2][$3]'],
    line: 'GET HERE/b',
  },
];

const conditions: readonly RouteCase[] = [
  ['equal:${QUERY_STRING};abc', 'abc', 'abcd', ''],
  ['equal:${HTTP_X_NOTHING};', 'x'],
  ['startswith:${QUERY_STRING};ab', 'abc', 'ab', 'a', 'xab'],
  ['endswith:${QUERY_STRING};bc', 'abc', 'bc', 'c', 'bcx'],
  ['contains:${QUERY_STRING};b', 'abc', 'ac'],
  ['contain:${QUERY_STRING};b', 'abc'],
  ['regexp:${QUERY_STRING};^a.c$', 'abc', 'abd'],
  ['eq:${QUERY_STRING};abc', 'abc', 'abcd'],
  ['isequal:${QUERY_STRING};3', '3', '03'],
  ['==:${QUERY_STRING};3', '3', '03'],
  ['re:${QUERY_STRING};^a.c$', 'abc', 'abd'],
  ['empty:${QUERY_STRING}', '', 'a'],
  ['ishigher:${QUERY_STRING};10', '11', '10', '9', 'x', '11x'],
  ['>:${QUERY_STRING};10', '11', '10'],
  ['ishigherequal:${QUERY_STRING};10', '11', '10', '9'],
  ['>=:${QUERY_STRING};10', '10', '9'],
  ['islower:${QUERY_STRING};10', '9', '10', '-1'],
  ['<:${QUERY_STRING};10', '9', '10'],
  ['islowerequal:${QUERY_STRING};10', '9', '10', '11'],
  ['<=:${QUERY_STRING};10', '10', '11'],
  ['exists:${qs[f]}', 'f=page.html', 'f=dir', 'f=none', 'f=broken'],
  ['isfile:${qs[f]}', 'f=page.html', 'f=dir', 'f=link.html', 'f='],
  ['isdir:${qs[f]}', 'f=page.html', 'f=dir', 'f=none'],
  ['islink:${qs[f]}', 'f=page.html', 'f=link.html', 'f=broken'],
  ['isexec:${qs[f]}', 'f=page.html', 'f=run.sh', 'f=none'],
  ['ipv4in:${QUERY_STRING};10.1.0.0/16', '10.1.2.3', '10.2.0.1', '10.1.0.0', 'x'],
  ['ipv4in:${QUERY_STRING};10.1.2.3', '10.1.2.3', '10.1.2.4'],
  ['ipv6in:${QUERY_STRING};2001:db8::/32', '2001:db8::1', '2001:db9::1', '::1'],
  ['ipv6in:${QUERY_STRING};::1', '::1', '::2'],
].flatMap(([condition = '', ...queries]) =>
  queries.map((query) => ({
    title: `${condition} with the query ${query}`,
    rules: [`route-if = ${condition} ${YES}`],
    line: `GET HERE/?${query}`,
  })),
);

const flow: readonly RouteCase[] = [
  { title: 'continue: ends the chain', rules: ['route-run = continue:', `route-run = ${YES}`] },
  { title: 'last: ends the chain', rules: ['route-run = last:', `route-run = ${YES}`] },
  { title: 'goto: jumps forward', rules: ['route-run = goto:there', `route-run = ${YES}`, 'route-label = there'] },
  { title: 'break:403', rules: ['route-run = break:403'] },
  { title: 'break:403 Forbidden', rules: ['route-run = break:403 Forbidden'] },
  { title: 'break:299 Odd One', rules: ['route-run = break:299 Odd One'] },
  { title: 'break: without a status', rules: ['route-run = break:'] },
  { title: 'return:404', rules: ['route-run = return:404'] },
  { title: 'return:200', rules: ['route-run = return:200'] },
  {
    title: 'return:403 Go Away',
    rules: ['route-run = return:403 Go Away'],
    ours: {
      because: 'uWSGI appends its own reason, and sends that as the body',
      answer: /^HTTP\/1\.1 403 Go Away\r\n.*\r\n\r\nGo Away$/s,
    },
  },
  { title: 'break-with-status:410', rules: ['route-run = break-with-status:410'] },
  { title: 'return: behind addheader', rules: ['route-run = addheader:X-A: 1', 'route-run = return:404'] },
  { title: 'break: behind addheader', rules: ['route-run = addheader:X-A: 1', 'route-run = break:403'] },
  {
    title: 'the action of the first rule that matches goes on',
    rules: ['route = . addheader:X-A: 1', 'route = . addheader:X-B: 2'],
  },
];

const answers: readonly RouteCase[] = [
  { title: 'redirect:', rules: ['route-run = redirect:http://example.org/${QUERY_STRING}'], line: 'GET HERE/?x=1' },
  { title: 'redirect-302:', rules: ['route = ^HERE/(.*) redirect-302:/new/$1'], line: 'GET HERE/page' },
  { title: 'redirect-permanent:', rules: ['route-run = redirect-permanent:/new'] },
  { title: 'redirect-301:', rules: ['route-run = redirect-301:/new'] },
  {
    title: 'redirect: keeps what addheader added',
    rules: ['route-run = addheader:X-A: 1', 'route-run = redirect:/new'],
  },
  {
    title: 'send: in front of the answer of the app',
    rules: ['route-run = send:first'],
    ours: { because: 'uWSGI then sends no head at all', answer: /^HTTP\/1\.1 200 OK\r\n.*first.*REQUEST_METHOD=GET/s },
  },
  {
    title: 'send-crnl: and break: make an answer',
    rules: [
      'route-run = send-crnl:HTTP/1.0 200 Fine',
      'route-run = send-crnl:X-A: 1',
      'route-run = send-crnl:',
      'route-run = send:body',
      'route-run = break:',
    ],
    ours: { because: 'the protocol is that of the request', answer: /^HTTP\/1\.1 200 Fine\r\nX-A: 1\r\n\r\nbody$/s },
  },
  {
    title: 'disableheaders: and send:',
    rules: [
      'route-run = disableheaders:',
      'route-run = send-crnl:HTTP/1.0 200 Fine',
      'route-run = send-crnl:X-A: 1',
      'route-run = send-crnl:',
      'route-run = send:body',
      'route-run = break:',
    ],
    ours: { because: 'the protocol is that of the request', answer: /^HTTP\/1\.1 200 Fine\r\nX-A: 1\r\n\r\nbody$/s },
  },
  {
    title: 'disableheaders: and the app',
    rules: ['route-run = disableheaders:'],
    ours: { because: 'uWSGI sends nothing', answer: /^HTTP\/1\.1 200 OK\r\n.*REQUEST_METHOD=GET/s },
  },
  {
    title: 'addheader: and send:',
    rules: ['route-run = addheader:X-A: 1', 'route-run = send:body', 'route-run = break:'],
    ours: {
      because: 'uWSGI sends no head',
      answer: /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/plain\r\nX-A: 1\r\n\r\nbody$/s,
    },
  },
  {
    title: 'clearheaders: and the app',
    rules: ['route-run = clearheaders:202 Taken', 'route-run = addheader:X-A: 1'],
    ours: {
      because: 'uWSGI closes the connection where there are response rules',
      answer: /^HTTP\/1\.1 200 OK\r\n.*X-A: 1\r\n.*REQUEST_METHOD=GET/s,
    },
  },
  {
    title: 'clearheaders: and break:',
    rules: ['route-run = clearheaders:202 Taken', 'route-run = addheader:X-A: 1', 'route-run = break:'],
  },
  {
    title: 'clearheaders: in front of addheader and send:',
    rules: [
      'route-run = clearheaders:202 Taken',
      'route-run = addheader:X-A: 1',
      'route-run = send:body',
      'route-run = break:',
    ],
  },
  {
    title: 'resetheaders: without a status',
    rules: ['route-run = resetheaders:', 'route-run = send:body', 'route-run = break:'],
  },
];

const headers: readonly RouteCase[] = [
  { title: 'addheader: with a variable', rules: ['route-run = addheader:X-Path: ${PATH_INFO}'] },
  { title: 'addheader: twice', rules: ['route-run = addheader:X-A: 1', 'route-run = addheader:X-A: 2'] },
  {
    title: 'addheader: without a blank',
    rules: ['route-run = addheader:X-A:1'],
    ours: { because: 'header lines are written one way', answer: /\r\nX-A: 1\r\n/s },
  },
  { title: 'addheader: in a response rule', rules: ['response-route-run = addheader:X-A: 1'] },
  { title: 'delheader:', rules: ['route-run = delheader:X-App'] },
  { title: 'remheader: in another case', rules: ['route-run = remheader:x-app'] },
  {
    title: 'delheader: in a response rule',
    rules: ['response-route-run = delheader:X-App'],
    ours: {
      because: 'uWSGI has written the head by then',
      answer: /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/plain\r\n\r\n/s,
    },
  },
  {
    title: 'response-route-status',
    rules: ['response-route-status = 404 addheader:X-Held: yes'],
    headers: { 'X-Status': '404 Not Found' },
  },
  { title: 'response-route-status of another answer', rules: ['response-route-status = 404 addheader:X-Held: yes'] },
  { title: 'response-route', rules: ['response-route = ^HERE/$ addheader:X-Held: yes'] },
  {
    title: 'response-route-if over a collected header',
    rules: ['response-route-if = startswith:${TYPE};text/ addheader:X-Held: ${TYPE}'],
  },
  { title: 'response-route-if-not', rules: ['response-route-if-not = empty:${TYPE} addheader:X-Held: yes'] },
  { title: 'response-route-uri', rules: ['response-route-uri = x=1$ addheader:X-Held: yes'], line: 'GET HERE/?x=1' },
  { title: 'response last:', rules: ['response-route-run = last:', 'response-route-run = addheader:X-Held: yes'] },
  {
    title: 'response redirect:',
    rules: ['response-route-run = redirect:/new'],
    ours: { because: 'uWSGI loses the head', answer: /^HTTP\/1\.1 302 Found\r\nLocation: \/new\r\n.*Moved/s },
  },
  {
    title: 'response break:',
    rules: ['response-route-run = break:403 Forbidden'],
    ours: { because: 'uWSGI loses the head', answer: /^HTTP\/1\.1 403 Forbidden\r\n/s },
  },
  {
    title: 'response return:',
    rules: ['response-route-run = return:404'],
    ours: { because: 'uWSGI loses the head', answer: /^HTTP\/1\.1 404 Not Found\r\n.*Not Found/s },
  },
  {
    title: 'response clearheaders:',
    rules: ['response-route-run = clearheaders:202 Taken'],
    ours: { because: 'uWSGI loses the head', answer: /^HTTP\/1\.1 202 Taken\r\n\r\n.*REQUEST_METHOD=GET/s },
  },
  {
    title: 'error-route-status',
    rules: ['error-route-status = 404 addheader:X-Held: yes'],
    headers: { 'X-Status': '404 Not Found' },
  },
  {
    title: 'error-route-status redirect:',
    rules: ['error-route-status = 404 redirect:/instead'],
    headers: { 'X-Status': '404 Not Found' },
    ours: { because: 'uWSGI loses the body', answer: /^HTTP\/1\.1 302 Found\r\nLocation: \/instead\r\n.*Moved/s },
  },
  { title: 'error-route-run for a good answer', rules: ['error-route-run = addheader:X-Held: yes'] },
  {
    title: 'error-route-run for a bad answer',
    rules: ['error-route-run = addheader:X-Held: yes'],
    headers: { 'X-Status': '500 Bad' },
  },
  {
    title: 'error-route-if status',
    rules: ['error-route-if = equal:${uwsgi[status]};403 addheader:X-Held: ${uwsgi[status]}'],
    headers: { 'X-Status': '403 No' },
  },
  { title: 'expires: value', rules: ['route-run = expires:unix=1000000000,value=60'] },
  { title: 'expires: filename', rules: ['route-run = expires:filename=page.html,value=3600'] },
];

const variables: readonly RouteCase[] = [
  { title: 'addvar:', rules: ['route-run = addvar:MY_VAR=one ${PATH_INFO}'] },
  { title: 'addvar: again', rules: ['route-run = addvar:MY_VAR=one', 'route-run = addvar:MY_VAR=two'] },
  {
    title: 'addvar: is seen by the next rule',
    rules: ['route-run = addvar:MY_VAR=one', 'route-if = equal:${MY_VAR};one addheader:X-Held: yes'],
  },
  { title: 'rewrite:', rules: ['route = ^HERE/old/(.*) rewrite:/new/$1'], line: 'GET HERE/old/x' },
  { title: 'rewrite: with a query', rules: ['route-run = rewrite:/new?a=1'] },
  { title: 'rewrite: with a query on a query', rules: ['route-run = rewrite:/new?a=1'], line: 'GET HERE/?b=2' },
  { title: 'rewrite: without a query on a query', rules: ['route-run = rewrite:/new'], line: 'GET HERE/?b=2' },
  { title: 'rewrite-last:', rules: ['route-run = rewrite-last:/new', `route-run = ${YES}`] },
  { title: 'rewrite: and a rule behind it', rules: ['route-run = rewrite:/new', `route = ^/new$ ${YES}`] },
  { title: 'setmethod:', rules: ['route-run = setmethod:PURGE'] },
  { title: 'setscriptname:', rules: ['route-run = setscriptname:/mounted'] },
  { title: 'setpathinfo:', rules: ['route-run = setpathinfo:/elsewhere'] },
  { title: 'seturi:', rules: ['route-run = seturi:HERE/elsewhere?y'] },
  { title: 'setremoteaddr:', rules: ['route-run = setremoteaddr:10.0.0.1'] },
  { title: 'setuser:', rules: ['route-run = setuser:kate'] },
  { title: 'setscheme:', rules: ['route-run = setscheme:https'] },
  { title: 'setdocroot:', rules: ['route-run = setdocroot:/srv/www'] },
  {
    title: 'fixpathinfo:',
    rules: ['route-run = setscriptname:HERE', 'route-run = fixpathinfo:'],
    line: 'GET HERE/rest',
  },
  { title: 'setapp:', rules: ['route-run = setapp:main'] },
  {
    title: 'setfile:',
    rules: ['route-run = setfile:main.py'],
    ours: { because: 'uWSGI sets UWSGI_HOME by mistake', answer: /\nUWSGI_FILE=main\.py$/s },
  },
  { title: 'sethome:', rules: ['route-run = sethome:/srv/home'] },
  { title: 'setmodifier1: 0', rules: ['route-run = setmodifier1:0'] },
  { title: 'setmodifier2: 0', rules: ['route-run = setmodifier2:0'] },
  {
    title: 'hash:',
    rules: ['route-run = hash:items=one;two;three,key=${QUERY_STRING},var=NODE'],
    line: 'GET HERE/?kate',
  },
  {
    title: 'hash: of another key',
    rules: ['route-run = hash:items=one;two;three,key=${QUERY_STRING},var=NODE'],
    line: 'GET HERE/?john',
  },
  {
    title: 'hash: with an algorithm',
    rules: ['route-run = hash:items=one;two;three,key=${QUERY_STRING},var=NODE,algo=djb33x'],
    line: 'GET HERE/?mary',
  },
  { title: 'log:', rules: ['route-run = log:a line of ${REQUEST_METHOD}'] },
  { title: 'logvar:', rules: ['route-run = logvar:mark=one'] },
  { title: 'donotlog:', rules: ['route-run = donotlog:'] },
  { title: '+: on a variable', rules: ['route-run = addvar:N=4', 'route-run = +:N,3'] },
  {
    title: '-: with a variable',
    rules: ['route-run = addvar:N=9', 'route-run = -:N,${QUERY_STRING}'],
    line: 'GET HERE/?4',
  },
  {
    title: '-: below zero',
    rules: ['route-run = addvar:N=4', 'route-run = -:N,9'],
    ours: { because: 'uWSGI writes 18446744073709551611', answer: /\nN=-5\n/ },
  },
  { title: '*: on a variable', rules: ['route-run = addvar:N=4', 'route-run = *:N,3'] },
  {
    title: '/: on a variable',
    rules: ['route-run = addvar:N=7', 'route-run = /:N,2'],
    ours: { because: 'uWSGI multiplies', answer: /\nN=3\n/ },
  },
  { title: '/: by zero', rules: ['route-run = addvar:N=7', 'route-run = /:N,0'] },
  { title: '+: without a number', rules: ['route-run = addvar:N=7', 'route-run = +:N'] },
  {
    title: '+: on a variable that is not there',
    rules: ['route-run = +:N,4'],
    ours: { because: 'it counts as 0; uWSGI closes the connection', answer: /^HTTP\/1\.1 200 OK\r\n.*\nN=4\n/s },
  },
  {
    title: 'chunked:',
    rules: ['route-run = chunked:'],
    ours: {
      because: 'how a body is framed is the business of the connection',
      answer: /^HTTP\/1\.1 200 OK\r\n.*REQUEST_METHOD=GET/s,
    },
  },
  {
    title: 'fixcl:',
    rules: ['route-run = fixcl:'],
  },
  {
    title: 'forcecl:',
    rules: ['route-run = forcecl:'],
  },
  { title: 'flush:', rules: ['route-run = flush:'] },
  { title: 'toupper:', rules: ['route-run = toupper:'] },
  { title: 'template:', rules: ['route-run = template:'], line: 'GET HERE/${PATH_INFO}/$1/${qs[a]}?a=b' },
  {
    title: 'template: and toupper:',
    rules: ['route-run = template:', 'route-run = toupper:'],
    line: 'GET HERE/${qs[a]}?a=b',
    ours: {
      because: 'what goes through two hands has no length any more: it is chunked, so that its end can be seen',
      answer: /\r\nTransfer-Encoding: chunked\r\n.*\nPATH_INFO=\/C\d+\/B\n/s,
    },
  },
  { title: 'template: behind the app', rules: ['response-route-run = template:'], line: 'GET HERE/${qs[a]}?a=b' },
  { title: 'tofile:', rules: ['route-run = tofile:filename=tofile.out'] },
  {
    title: 'gzip:',
    rules: ['route-run = gzip:'],
    ours: {
      because: 'uWSGI compresses for clients that cannot read it',
      answer: /\r\nVary: Accept-Encoding\r\n.*REQUEST_METHOD=GET/s,
    },
  },
  {
    title: 'chdir:',
    rules: ['route-run = chdir:dir', 'route-if = exists:inner.txt addheader:X-Held: yes', 'route-run = chdir:..'],
  },
  { title: 'harakiri:', rules: ['route-run = harakiri:20'] },
];

/** A text, what stands behind the path of the request, and its headers. */
type Expansion = readonly [text: string, more?: string, headers?: Readonly<Record<string, string>>];

const expansions: readonly Expansion[] = [
  ['${REQUEST_METHOD}'],
  ['${NOTHING}'],
  ['[${HTTP_X_NOTHING}]'],
  ['${cookie[id]}', '', { Cookie: 'a=1; id=42; b=2' }],
  ['${cookie[none]}', '', { Cookie: 'a=1' }],
  ['${cookie[id]}', '', { Cookie: 'xid=1; id=42' }],
  ['${cookie[id]}', '', { Cookie: 'id="quoted"' }],
  ['${qs[b]}', '?a=1&b=2&c=3'],
  ['${qs[b]}', '?b='],
  ['${qs[b]}', '?ab=1&b=%20x'],
  ['${qs[none]}', '?a=1'],
  ['${qs[a]}', '?a'],
  ['${hex[HTTP_X_V]}', '', { 'X-V': 'ab~z' }],
  ['${mime[PATH_INFO]}', 'a.css'],
  ['${mime[PATH_INFO]}', 'a.unknown'],
  ['${uwsgi[status]}'],
  ['${httptime[0]}'],
  ['$'],
  ['a$b'],
  ['${unclosed'],
  ['$1'],
  ['${base64[HTTP_X_V]}', '', { 'X-V': 'abc' }],
];

const functions: readonly RouteCase[] = expansions.map(([text, more = '', headers = {}]) => ({
  title: `${text} of ${more}`,
  rules: [`route-run = addheader:X-Text: <${text}>`],
  line: `GET HERE/${more}`,
  headers,
}));

const workers: readonly RouteCase[] = [
  {
    title: '${uwsgi[wid]}',
    rules: ['route-run = addheader:X-Text: <${uwsgi[wid]}>'],
  },
];

const files: readonly RouteCase[] = [
  { title: 'static:', rules: ['route-run = static:DIRECTORY/page.html'] },
  { title: 'static: with a group', rules: ['route = ^HERE/(.*)$ static:DIRECTORY/dir/$1'], line: 'GET HERE/inner.txt' },
  {
    title: 'static: of a file that is not there',
    rules: ['route-run = static:none.html'],
    ours: { because: 'uWSGI closes the connection', answer: /^HTTP\/1\.1 404 Not Found\r\n/s },
  },
  { title: 'static-next: of a file that is not there', rules: ['route-run = static-next:DIRECTORY/none.html'] },
  {
    title: 'static: with a relative name',
    rules: ['route-run = static:page.html'],
  },
  { title: 'static: HEAD', rules: ['route-run = static:DIRECTORY/page.html'], line: 'HEAD HERE/' },
  {
    title: 'static: If-Modified-Since',
    rules: ['route-run = static:DIRECTORY/page.html'],
    headers: { 'If-Modified-Since': 'Sun, 22 Nov 2099 15:19:56 GMT' },
  },
  { title: 'file:', rules: ['route-run = file:filename=page.html'] },
  {
    title: 'file: with a status and a type',
    rules: ['route-run = file:filename=page.html,status=404 Gone Fishing,content_type=text/x-page'],
  },
  { title: 'file: no_cl', rules: ['route-run = file:filename=page.html,no_cl=1'] },
  { title: 'file: mime', rules: ['route-run = file:filename=style.css,mime=1'] },
  {
    title: 'file: of a file that is not there',
    rules: ['route-run = file:filename=none.html'],
    ours: { because: 'uWSGI closes the connection', answer: /^HTTP\/1\.1 404 Not Found\r\n/s },
  },
  { title: 'file-next: of a file that is not there', rules: ['route-run = file-next:filename=none.html'] },
  { title: 'sendfile:', rules: ['route-run = sendfile:filename=page.html'] },
  { title: 'fastfile:', rules: ['route-run = fastfile:filename=page.html'] },
  { title: 'file: behind addheader', rules: ['route-run = addheader:X-A: 1', 'route-run = file:filename=page.html'] },
];

const access: readonly RouteCase[] = [
  { title: 'basicauth: without a password', rules: ['route-run = basicauth:My Realm,kate:secret'] },
  {
    title: 'basicauth: with the password',
    rules: ['route-run = basicauth:My Realm,kate:secret'],
    headers: { Authorization: 'Basic a2F0ZTpzZWNyZXQ=' },
  },
  {
    title: 'basicauth: with another password',
    rules: ['route-run = basicauth:My Realm,kate:secret'],
    headers: { Authorization: 'Basic a2F0ZTp3cm9uZw==' },
  },
  {
    title: 'basicauth: with a file',
    rules: ['route-run = basicauth:My Realm,htpasswd'],
    headers: { Authorization: 'Basic a2F0ZTpzZWNyZXQ=' },
  },
  {
    title: 'basicauth: with a file and another password',
    rules: ['route-run = basicauth:My Realm,htpasswd'],
    headers: { Authorization: 'Basic a2F0ZTp3cm9uZw==' },
  },
  {
    title: 'basicauth-next: with another password',
    rules: ['route-run = basicauth-next:My Realm,kate:secret', `route-run = ${YES}`],
    headers: { Authorization: 'Basic a2F0ZTp3cm9uZw==' },
  },
  {
    title: 'basicauth-next: with the password',
    rules: ['route-run = basicauth-next:My Realm,kate:secret', `route-run = ${YES}`],
    headers: { Authorization: 'Basic a2F0ZTpzZWNyZXQ=' },
  },
  { title: 'basicauth-next:', rules: ['route-run = basicauth-next:My Realm,kate:secret', `route-run = ${YES}`] },
];

/** Everything the language can do, by topic. */
export const CASES: Readonly<Record<string, readonly RouteCase[]>> = {
  subjects,
  conditions,
  flow,
  answers,
  headers,
  variables,
  functions,
  workers,
  files,
  access,
};
