/**
 * Options of uWSGI that do not work here, by reason. Loaded only when a name is not in the tables of `options/`.
 *
 * In the lists `!` marks a name that takes no value on the command line, `?` one whose value may be left out.
 */

/** What becomes of a configuration that has one. */
export type UncommonStatus =
  /** Nothing is lost; the reason says why. */
  | 'accepted'
  /** A warning. */
  | 'unsupported'
  /** An error: going on without it would take away a protection that the user counts on. */
  | 'unsafe';

/** Names that share a reason. */
export interface UncommonGroup {
  readonly title: string;
  readonly status: UncommonStatus;
  readonly reason: string;
  readonly names: string;
}

/** An option of uWSGI that does not work here. */
export interface UncommonOption {
  readonly name: string;
  readonly argument: 'none' | 'optional' | 'required';
  readonly group: UncommonGroup;
}

/** All of them, in the order of the reference. */
export const UNCOMMON_GROUPS: readonly UncommonGroup[] = [
  {
    title: 'Other protocols',
    status: 'unsupported',
    reason: 'listeners speak HTTP and the uwsgi protocol only',
    names: `suwsgi-socket ssl-socket https-socket-modifier1 https-socket-modifier2 fastcgi-socket fastcgi-nph-socket fastcgi-modifier1
      fastcgi-modifier2 scgi-socket scgi-nph-socket scgi-modifier1 scgi-modifier2 raw-socket raw-modifier1 raw-modifier2 puwsgi-socket udp
      multicast multicast-ttl multicast-loop map-socket`,
  },
  {
    title: 'Other routers',
    status: 'unsupported',
    reason: 'the router speaks HTTP: use http, https and http-to',
    names: `fastrouter fastrouter-processes fastrouter-workers fastrouter-zerg fastrouter-use-cache? fastrouter-use-pattern fastrouter-use-base
      fastrouter-fallback fastrouter-use-code-string fastrouter-use-socket? fastrouter-to fastrouter-gracetime fastrouter-events fastrouter-quiet
      fastrouter-cheap! fastrouter-subscription-server fastrouter-subscription-slot fastrouter-timeout fastrouter-post-buffering
      fastrouter-post-buffering-dir fastrouter-stats fastrouter-stats-server fastrouter-ss fastrouter-harakiri fastrouter-uid fastrouter-gid
      fastrouter-resubscribe fastrouter-resubscribe-bind fastrouter-buffer-size fastrouter-fallback-on-no-key! fastrouter-subscription-fallback-key
      rawrouter rawrouter-processes rawrouter-workers rawrouter-zerg rawrouter-use-cache? rawrouter-use-pattern rawrouter-use-base
      rawrouter-fallback rawrouter-use-code-string rawrouter-use-socket? rawrouter-to rawrouter-gracetime rawrouter-events rawrouter-max-retries
      rawrouter-quiet rawrouter-cheap! rawrouter-subscription-server rawrouter-subscription-slot rawrouter-timeout rawrouter-stats
      rawrouter-stats-server rawrouter-ss rawrouter-harakiri rawrouter-xclient! rawrouter-buffer-size
      sslrouter sslrouter2 sslrouter-session-context sslrouter-processes sslrouter-workers sslrouter-zerg sslrouter-use-cache? sslrouter-use-pattern
      sslrouter-use-base sslrouter-fallback sslrouter-use-code-string sslrouter-use-socket? sslrouter-to sslrouter-gracetime sslrouter-events
      sslrouter-max-retries sslrouter-quiet sslrouter-cheap! sslrouter-subscription-server sslrouter-timeout sslrouter-stats sslrouter-stats-server
      sslrouter-ss sslrouter-harakiri sslrouter-sni! sslrouter-buffer-size
      forkptyrouter forkpty-router forkptyurouter forkpty-urouter forkptyrouter-command forkpty-router-command forkptyrouter-cmd forkpty-router-cmd
      forkptyrouter-rows forkptyrouter-cols forkptyrouter-processes forkptyrouter-workers forkptyrouter-zerg forkptyrouter-fallback
      forkptyrouter-events forkptyrouter-cheap! forkptyrouter-timeout forkptyrouter-stats forkptyrouter-stats-server forkptyrouter-ss
      forkptyrouter-harakiri tuntap-router tuntap-device tuntap-use-credentials? tuntap-router-firewall-in tuntap-router-firewall-out
      tuntap-router-route tuntap-router-stats tuntap-device-rule`,
  },
  {
    title: 'Rare ways of the HTTP router',
    status: 'unsupported',
    reason: 'backends come from http-to or from subscriptions',
    names: `http-zerg http-use-cache? http-use-pattern http-use-base http-use-code-string http-use-socket? http-stud-prefix http-manage-source!
      http-manage-rtsp!`,
  },
  {
    title: 'Zerg mode',
    status: 'unsupported',
    reason: 'sockets are handed over by reloads and by the emperor instead',
    names: 'zerg zerg-fallback! zerg-server zergpool zerg-pool emperor-broodlord',
  },
  {
    title: 'Legions',
    status: 'unsupported',
    reason: 'instances do not vote',
    names: `legion legion-mcast legion-node legion-freq legion-tolerance legion-death-on-lord-error legion-skew-tolerance legion-lord legion-unlord
      legion-setup legion-death legion-join legion-node-joined legion-node-left legion-quorum legion-scroll legion-scroll-max-size
      legion-scroll-list-max-size legion-cron cron-legion unique-legion-cron unique-cron-legion legion-attach-daemon legion-smart-attach-daemon
      legion-smart-attach-daemon2 legion-curl-cron legion-cron-curl curl-cron-legion cron-curl-legion`,
  },
  {
    title: 'Cron by URL',
    status: 'unsupported',
    reason: 'use cron with a curl command',
    names: 'curl-cron cron-curl',
  },
  {
    title: 'Signed subscriptions',
    status: 'unsafe',
    reason: 'announcements would be taken without a check',
    names: `subscriptions-sign-check subscriptions-sign-check-tolerance subscriptions-sign-skip-uid subscriptions-credentials-check
      subscriptions-use-credentials!`,
  },
  {
    title: 'Jails and namespaces',
    status: 'unsafe',
    reason: 'the processes would run without this restriction; use the sandboxing of systemd or a container',
    names: `pivot-root pivot_root immediate-uid immediate-gid cap unshare2 setns-socket setns-socket-skip setns-skip setns setns-preopen!
      jailed! namespace namespace-keep-mount ns namespace-net ns-net`,
  },
  {
    title: 'Restricted sets of options',
    status: 'unsafe',
    reason: 'the options would not be restricted',
    names: 'blacklist end-blacklist! whitelist end-whitelist! allowed-modifiers',
  },
  {
    title: 'Forks for jails',
    status: 'unsupported',
    reason: 'jails come from systemd or a container',
    names: 'refork! re-fork! refork-as-root! re-fork-as-root! refork-post-jail! re-fork-post-jail!',
  },
  {
    title: 'Mounts',
    status: 'unsupported',
    reason: 'file systems are mounted by the system',
    names: `mount-asap mount-pre-jail mount-post-jail mount-in-jail mount-as-root mount-as-vassal mount-as-emperor umount-asap umount-pre-jail
      umount-post-jail umount-in-jail umount-as-root umount-as-vassal umount-as-emperor`,
  },
  {
    title: 'Apps by worker',
    status: 'unsupported',
    reason: 'all workers have all apps: use mount (uWSGI itself takes the number of the worker for a part of the path)',
    names: 'worker-mount',
  },
  {
    title: 'C functions',
    status: 'unsupported',
    reason: 'there are no C symbols to call: use hook-… or exec-…',
    names: `after-request-hook after-request-call call-asap call-pre-jail call-post-jail call-in-jail call-as-root call-as-user call-as-user-atexit call-pre-app call-post-app
      call-as-vassal call-as-vassal1 call-as-vassal3 call-as-emperor call-as-emperor1 call-as-emperor2 call-as-emperor4 dlopen symcall
      symcall-use-next! symcall-register-rpc symcall-post-fork print-sym print-symbol`,
  },
  {
    title: 'Alarms',
    status: 'unsupported',
    reason: 'alerts come from the metrics',
    names: `alarm alarm-cheap alarm-freq alarm-fd alarm-segfault segfault-alarm alarm-backlog backlog-alarm lq-alarm alarm-lq alarm-listen-queue
      listen-queue-alarm log-alarm alarm-log not-log-alarm not-alarm-log alarm-msg-size metric-threshold metric-alarm alarm-metric
      exception-handler`,
  },
  {
    title: 'Pushed statistics',
    status: 'unsupported',
    reason: 'statistics are served (stats, and the metrics of the emperor), not pushed',
    names: `stats-push stats-pusher-default-freq stats-pushers-default-freq snmp? snmp-community carbon carbon-timeout carbon-freq carbon-id
      carbon-no-workers! carbon-max-retry carbon-retry-delay carbon-root carbon-hostname-dots carbon-name-resolve! carbon-resolve-names!
      carbon-idle-avg carbon-use-metrics! rrdtool rrdtool-freq rrdtool-lib nagios! zabbix-template?`,
  },
  {
    title: 'Distributed caches',
    status: 'unsupported',
    reason: 'caches on several machines are shared through Redis: cache2 = name=NAME,url=redis://HOST',
    names: 'cache-udp-server cache-udp-node cache-sync',
  },
  {
    title: 'Shared memory',
    status: 'unsupported',
    reason: 'there is no raw shared memory: use a cache or a queue',
    names: 'sharedarea py-sharedarea',
  },
  {
    title: 'Old TLS',
    status: 'unsupported',
    reason: 'only TLS 1.2 and newer are spoken',
    names: 'ssl-enable3! ssl-enable-sslv3! ssl-enable-tlsv1! ssl-option! ssl-tmp-dir',
  },
  {
    title: 'Other languages: Perl',
    status: 'unsupported',
    reason: 'apps are written in Python: run Perl on a real uWSGI as a vassal',
    names: `psgi psgi-enable-psgix-io! perl-no-die-catch! perl-local-lib perl-version! perl-args perl-arg perl-exec perl-exec-post-fork
      perl-auto-reload perl-auto-reload-ignore plshell? plshell-oneshot! perl-no-plack!`,
  },
  {
    title: 'Other languages: Ruby',
    status: 'unsupported',
    reason: 'apps are written in Python: run Ruby on a real uWSGI as a vassal',
    names: `rails rack ruby-gc-freq rb-gc-freq rb-lib ruby-lib rb-require ruby-require rbrequire rubyrequire require shared-rb-require
      shared-ruby-require shared-rbrequire shared-rubyrequire shared-require gemset rvm rvm-path rbshell? rbshell-oneshot! fiber! rbthreads!
      rb-threads! rbthread! rb-thread!`,
  },
  {
    title: 'Other languages: PHP',
    status: 'unsupported',
    reason: 'apps are written in Python: run PHP on a real uWSGI as a vassal',
    names: `php-ini php-config php-ini-append php-config-append php-set php-index php-docroot php-allowed-docroot php-allowed-ext
      php-allowed-script php-server-software php-app php-app-qs php-fallback php-fallback2 php-fallback-qs php-app-bypass php-var php-vars
      php-dump-config! php-exec-before php-exec-begin php-exec-after php-exec-end php-sapi-name`,
  },
  {
    title: 'Other languages: Java, Clojure, Lua, Mono, CGI',
    status: 'unsupported',
    reason: 'apps are written in Python: run others on a real uWSGI as a vassal',
    names: `jvm-main-class jvm-opt jvm-class jvm-classpath jwsgi ring-load clojure-load ring-app servlet lua lua-load lua-shell! luashell!
      lua-gc-freq! mono-app mono-gc-freq mono-key mono-version mono-config mono-assembly mono-exec mono-index cgi cgi-map-helper cgi-helper
      cgi-from-docroot! cgi-buffer-size cgi-timeout cgi-index cgi-allowed-ext cgi-unset cgi-loadlib cgi-optimize! cgi-optimized! cgi-path-info!
      cgi-do-not-kill-on-error! cgi-async-max-attempts! cgi-close-stdin-on-eof! cgi-safe cgi-mode!`,
  },
  {
    title: 'Other kinds of Python apps',
    status: 'unsupported',
    reason: 'apps are WSGI: use module or wsgi-file',
    names: 'web3 pump wsgi-lite pecan python-raw python-worker-override',
  },
  {
    title: 'Python at the command line',
    status: 'unsupported',
    reason: 'use the interpreter of the virtualenv',
    names: 'test pyshell? pyshell-oneshot? python py pyrun python-version!',
  },
  {
    title: 'Event loops of the app',
    status: 'unsupported',
    reason: 'workers run threads: use threads = N',
    names: 'asyncio tornado gevent-wait-for-hub! ugreen-stacksize',
  },
  {
    title: 'WebDAV, XSLT and other servers',
    status: 'unsupported',
    reason: 'this server is not part of the program',
    names: `webdav-mount webdav-css webdav-javascript webdav-js webdav-class-directory webdav-div webdav-lock-cache webdav-principal-base
      webdav-add-option webdav-add-prop webdav-add-collection-prop webdav-add-object-prop webdav-add-prop-href
      webdav-add-collection-prop-href webdav-add-object-prop-href webdav-add-prop-comp webdav-add-collection-prop-comp
      webdav-add-object-prop-comp webdav-add-rtype-prop webdav-add-rtype-collection-prop webdav-add-rtype-object-prop webdav-skip-prop
      xslt-docroot xslt-ext xslt-var xslt-stylesheet xslt-content-type glusterfs-mount glusterfs-timeout rados-mount rados-timeout
      geoip-country geoip-city geoip-use-disk! pty-socket pty-log! pty-input! pty-connect pty-uconnect pty-no-isig! pty-exec pam pam-user
      log-zeromq notfound-log! upload-progress`,
  },
  {
    title: 'Other sources of configuration',
    status: 'unsupported',
    reason: 'configurations are ini, YAML, JSON or XML files',
    names:
      'sqlite3 sqlite ldap ldap-schema! ldap-schema-ldif! inject-before inject-after fallback-config resolve emperor-magic-exec!',
  },
  {
    title: 'Lists and tools at the command line',
    status: 'unsupported',
    reason: 'vassal --help and vassal explain answer instead',
    names: `imperial-monitor-list! imperial-monitors-list! logger-list! loggers-list! alarm-list! alarms-list! cheaper-algo-list!
      cheaper-algos-list! cheaper-list! router-list! routers-list! clock-list! clocks-list! loop-list! loops-list! plugins-list! plugin-list!
      dump-options! cflags! dot-h! config-py! build-plugin connect-and-read extract ping ping-timeout signal binary-path binary-append-data
      privileged-binary-patch unprivileged-binary-patch privileged-binary-patch-arg unprivileged-binary-patch-arg profiler get`,
  },
  {
    title: 'Odds and ends',
    status: 'unsupported',
    reason: 'nothing here does this',
    names: `notify-socket subscription-notify-socket emperor-proxy-socket force-gateway! no-server! command-mode!
      remap-modifier reload-on-fd brutal-reload-on-fd hook-as-gateway write-errors-exception-only!`,
  },
  {
    title: 'Without a counterpart',
    status: 'accepted',
    reason: 'it tunes a mechanism that does not exist here',
    names: `skip-zero! backtrace-depth no-fd-passing! persistent-ipcsem! safe-fd fd-safe shutdown-sockets! never-swap! propagate-touch!
      body-read-warning use-abort! clock mode tcp-fast-open-client! tcp-fastopen-client!`,
  },
];

const byName = new Map<string, UncommonOption>();
for (const group of UNCOMMON_GROUPS) {
  for (const word of group.names.split(/\s+/)) {
    const name = word.replace(/[!?]$/, '');
    const argument = word.endsWith('!') ? 'none' : word.endsWith('?') ? 'optional' : 'required';
    byName.set(name, { name, argument, group });
  }
}

/** Finds one by its name. */
export function findUncommonOption(name: string): UncommonOption | undefined {
  return byName.get(name);
}

/** All names. */
export function uncommonNames(): IterableIterator<string> {
  return byName.keys();
}
