/** The version of this program, as `--version`, the banner and `uwsgi.version` show it. */
export const VERSION = '0.1.0';
