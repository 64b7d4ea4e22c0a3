// Made from plugins/wit/pgassay.wit by `cargo xtask guests --bindings`; edits are lost.
// Of the contract with the digest 8f16dc8c2ff416ab, by jco-transpile 0.15.0.

declare module 'pgassay:plugin/host@0.1.0' {
  /**
   * Says something to who runs pgassay with `--verbose`; the last lines are shown with a crash. At most 64 KiB are
   * kept.
   */
  export function log(level: Severity, message: string): void;
  /**
   * The whole text of a file of `model.files`, with secrets masked and control characters but line ends and tabs shown
   * as symbols; none if there is no such file. Bytes that are no UTF-8 are U+FFFD.
   */
  export function fileText(file: number): string | null;
  /**
   * The place of a part of what `file-text` gives, from `start` up to `end`, both in bytes of that text; none if they
   * do not lie in it, in order and between characters. A part of a masked secret is the place of the whole secret.
   * At most 100,000 places are looked up.
   */
  export function locate(file: number, start: number, end: number): Place | null;
  /**
   * Where a place lies in what `file-text` gives, so that `locate` can find what stands beside it: a comment, the end
   * of a line. None if the plugin was shown no such place.
   */
  export function textRange(place: Place): Extent | null;
  /**
   * The text of a statement of `model.statements`, as `file-text` gives it.
   */
  export function statementText(statement: number): string | null;
  /**
   * The parse tree of a statement of `model.statements` as JSON, in the form of libpg_query 18, secrets masked. There is
   * none of a statement that is written inside of a string in which quotes are doubled, such as EXECUTE runs. The
   * error says why there is none.
   */
  export function parseTree(statement: number): string;
  /**
   * The value of a setting on the majors of a node of `model.nodes`, whether a file defines it or not, as in
   * `setting.values`. Empty if there is no such node, or neither the catalogue nor the node knows the setting.
   */
  export function effectiveSetting(node: number, setting: string): Array<Effective>;
  export type Place = import('pgassay:plugin/types@0.1.0').Place;
  export type Severity = import('pgassay:plugin/types@0.1.0').Severity;
  export type Effective = import('pgassay:plugin/types@0.1.0').Effective;
  /**
   * A part of what `file-text` gives: bytes from `start` up to `end`.
   */
  export interface Extent {
    file: number,
    start: number,
    end: number,
  }
}

declare module 'pgassay:plugin/rules@0.1.0' {
  /**
   * What the plugin is. It must not depend on anything.
   */
  export function describe(): PluginInfo;
  /**
   * Called once, before `check`, with the options as JSON: an object that is valid against `options-schema`, `{}` if
   * the user gave none.
   */
  export function configure(options: string): void;
  /**
   * Judges everything in one call. The error says why the plugin could not do its work; it is no finding.
   */
  export function check(context: Context, model: Model): Array<Finding>;
  export type PluginInfo = import('pgassay:plugin/types@0.1.0').PluginInfo;
  export type OptionProblem = import('pgassay:plugin/types@0.1.0').OptionProblem;
  export type Context = import('pgassay:plugin/types@0.1.0').Context;
  export type Model = import('pgassay:plugin/types@0.1.0').Model;
  export type Finding = import('pgassay:plugin/types@0.1.0').Finding;
}

declare module 'pgassay:plugin/types@0.1.0' {
  /**
   * A place in a file that was shown to the plugin. The number means nothing by itself: it is taken from a record or
   * from `host.locate`, and handed back in a finding. Any other number makes the plugin's answer invalid.
   */
  export type Place = number;
  /**
   * A set of PostgreSQL majors: bit n stands for major n, so `1 << 16` is PostgreSQL 16 alone.
   */
  export type Majors = number;
  /**
   * How bad a finding is.
   * # Variants
   *
   * ## `"info"`
   *
   * Worth knowing.
   * ## `"warning"`
   *
   * Likely wrong, or weaker than it looks.
   * ## `"error"`
   *
   * The server refuses it, data can be lost, or a door is open.
   */
  export type Severity = 'info' | 'warning' | 'error';
  /**
   * How sure a rule is.
   * # Variants
   *
   * ## `"low"`
   *
   * A hint; hidden unless asked for.
   * ## `"medium"`
   *
   * Likely.
   * ## `"high"`
   *
   * Certain from the files.
   */
  export type Confidence = 'low' | 'medium' | 'high';
  /**
   * What the thing found does on a server.
   * # Variants
   *
   * ## `"refused"`
   *
   * The server does not start, or refuses to load the line or run the statement.
   * ## `"ignored"`
   *
   * The line has no effect, or another one than it seems.
   * ## `"risk"`
   *
   * It works, and is unsafe or against policy.
   * ## `"style"`
   *
   * It works; it reads badly.
   */
  export type Effect = 'refused' | 'ignored' | 'risk' | 'style';
  /**
   * An entry of a catalogue, or a page.
   */
  export interface Reference {
    /**
     * Open: `cwe` (a number), `cis` (`CIS17:6.8`), `stig` (`V-233612`), `docs` (a page of PostgreSQL's documentation,
     * `runtime-config-wal.html`), `url` (an address that starts with `https://`).
     */
    kind: string,
    id: string,
  }
  /**
   * A rule: the metadata and the page that built-in rules have.
   */
  export interface RuleInfo {
    /**
     * The plugin's name, a slash, and a name in the same form: `acme/require-audit`.
     */
    id: string,
    /**
     * One line, no full stop.
     */
    title: string,
    /**
     * The page in Markdown, shown by `pgassay explain` and in SARIF. `pgassay plugin test` runs its Bad and Good
     * blocks.
     */
    page: string,
    severity: Severity,
    confidence: Confidence,
    effect: Effect,
    /**
     * From which profile on the rule runs. Open: `default`, `strict`. Unknown words count as `strict`.
     */
    profile: string,
    /**
     * The majors on which it can hold, within those of the plugin.
     */
    majors: Majors,
    /**
     * The parts of the model that it looks at; empty for everything, which costs more time. Open: `settings` (those of
     * nodes), `setting:NAME` (one of them; as many as are wanted), `access` (pg_hba.conf and pg_ident.conf),
     * `conninfos`, `statements` (with roles, grants, publications and subscriptions). Parts that no enabled rule looks
     * at are handed over empty. Files, nodes and recovery files are always there.
     */
    reads: Array<string>,
    /**
     * For selecting, lower-case. `security` marks rules that a security review wants to see.
     */
    tags: Array<string>,
    /**
     * GitHub's scale, `0.1` to `10.0`; only with the tag `security`.
     */
    securitySeverity?: string | null,
    /**
     * What the rule rests on.
     */
    references: Array<Reference>,
    /**
     * Whether findings can carry an edit. Open: `none`, `safe`, `unsafe`.
     */
    fix: string,
    /**
     * The version of the plugin that brought the rule.
     */
    since: string,
  }
  /**
   * What a plugin says of itself.
   * A plugin and its rules.
   */
  export interface PluginInfo {
    /**
     * Lower-case letters, digits and hyphens, starting with a letter, at most 64 bytes: `acme`.
     */
    name: string,
    /**
     * The plugin's own version, in any form: `1.4.0`.
     */
    version: string,
    /**
     * The majors that the plugin knows. It is not asked about others, and no finding holds on others.
     */
    majors: Majors,
    /**
     * At least one, at most 1,000, no two with one id.
     */
    rules: Array<RuleInfo>,
    /**
     * A JSON Schema (draft 2020-12) of the plugin's options. Without one the plugin takes no options.
     */
    optionsSchema?: string | null,
  }
  /**
   * What is wrong with the options.
   */
  export interface OptionProblem {
    /**
     * A JSON pointer to the value: `/networks/0`; empty for all of them.
     */
    pointer: string,
    /**
     * Lower case, no full stop.
     */
    message: string,
  }
  /**
   * What a plugin sees.
   * The run that a check is for.
   */
  export interface Context {
    /**
     * The ids of the plugin's rules that are wanted. Findings of its other rules are dropped.
     */
    enabled: Array<string>,
    /**
     * Every major that some part of the model is judged for.
     */
    majors: Majors,
    /**
     * Further facts of the run, by name. Open; none yet.
     */
    facts: Array<[string, string]>,
  }
  /**
   * A file.
   */
  export interface SourceFile {
    /**
     * Its number in `model.files`, which `host.file-text` takes.
     */
    number: number,
    /**
     * As the user would write it; `/` between folders.
     */
    path: string,
    /**
     * Open: `postgresql.conf`, `postgresql.auto.conf`, `recovery.conf`, `recovery.done`, `standby.signal`,
     * `recovery.signal`, `pg_hba.conf`, `pg_ident.conf`, `name list`, `pg_service.conf`, `pgpass`, `pgbouncer.ini`,
     * `userlist.txt`, `sql`, `PG_VERSION`.
     */
    kind: string,
    /**
     * The file as a whole: what a finding about something absent points at. It has no snippet, and an edit of it inserts
     * at the start.
     */
    place: Place,
  }
  /**
   * The value of a setting on some majors.
   */
  export interface Effective {
    majors: Majors,
    /**
     * Open: `set` (by the last definition), `default`, `dynamic` (a template or a variable fills it in), `refused`
     * (the server does not take it), `unknown` (an include that cannot be followed, or a template, may define it),
     * `absent` (the majors do not have it).
     */
    state: string,
    /**
     * As SHOW prints it: `16MB`, `on`. Empty unless `set` or `default`.
     */
    value: string,
    /**
     * As `pg_settings.setting` has it: numbers in base units without the unit. Empty unless `set` or `default`.
     */
    raw: string,
    /**
     * The number behind `raw`, for settings that are numbers: bytes, milliseconds and so on in the base unit that
     * `pg_settings.unit` names.
     */
    number?: number | null,
  }
  /**
   * A line that defines a setting.
   */
  export interface Definition {
    /**
     * As in `setting.name`; in recovery.conf as written.
     */
    name: string,
    /**
     * The value without quotes and escapes. Secrets in it are masked.
     */
    text: string,
    /**
     * Whether a part of it is filled in later.
     */
    dynamic: boolean,
    /**
     * Whether a later definition takes its place.
     */
    overridden: boolean,
    /**
     * A number into `model.files`.
     */
    file: number,
    /**
     * The line's entry.
     */
    place: Place,
    namePlace: Place,
    /**
     * The value with its quotes.
     */
    valuePlace: Place,
  }
  /**
   * A setting that some file of a node defines.
   */
  export interface Setting {
    /**
     * The catalogue's spelling, or the written one in lower case.
     */
    name: string,
    /**
     * The value on the node's majors; several where they differ. Each major of the node that knows the setting is in
     * one of them.
     */
    values: Array<Effective>,
    /**
     * Every definition in the server's order: the last one counts.
     */
    definitions: Array<Definition>,
  }
  /**
   * A word in the database or user field.
   */
  export interface HbaName {
    /**
     * For databases `name`, `all`, `sameuser`, `samerole`, `replication`, `regex`; for users `name`, `all`, `member`
     * (`+role`), `regex`.
     */
    kind: string,
    /**
     * The name, the role, or the expression without its slash; empty for keywords.
     */
    name: string,
    /**
     * It may lie in another file, if `@file` brought it.
     */
    place: Place,
  }
  /**
   * The address of a row.
   */
  export interface HbaAddress {
    /**
     * `all`, `samehost`, `samenet`, `network`, `host-name`.
     */
    kind: string,
    /**
     * `10.1.0.0/16` with the bits beyond the mask as written, a host name, or the keyword. A mask with holes is
     * written out: `10.0.0.1/255.0.255.0`.
     */
    text: string,
    /**
     * The address of a network in network order: 4 or 16 bytes. Empty otherwise.
     */
    octets: Uint8Array,
    /**
     * Its mask, as many bytes. Empty otherwise.
     */
    mask: Uint8Array,
    /**
     * The length of its mask; none if it has holes.
     */
    prefix?: number | null,
    /**
     * With the mask's token if there is one.
     */
    place: Place,
  }
  /**
   * An option of a row: `map=users`.
   */
  export interface HbaOption {
    name: string,
    /**
     * `****` for secrets.
     */
    value: string,
    secret: boolean,
    place: Place,
  }
  /**
   * A row that the server takes.
   */
  export interface HbaRow {
    /**
     * The majors that take it.
     */
    majors: Majors,
    /**
     * `local`, `host`, `hostssl`, `hostnossl`, `hostgssenc`, `hostnogssenc`.
     */
    connection: string,
    /**
     * Never empty.
     */
    databases: Array<HbaName>,
    /**
     * Never empty.
     */
    users: Array<HbaName>,
    /**
     * None for `local`.
     */
    address?: HbaAddress | null,
    /**
     * The method that applies: `ident` on a `local` row is `peer`.
     */
    method: string,
    /**
     * In order; of two with one name the later holds.
     */
    options: Array<HbaOption>,
    /**
     * From the first token to the last.
     */
    place: Place,
    connectionPlace: Place,
    methodPlace: Place,
  }
  /**
   * A pg_hba.conf with the files that it includes.
   */
  export interface Hba {
    /**
     * A number into `model.files`.
     */
    file: number,
    /**
     * In the order in which the server tries them. For one major, those whose `majors` have it.
     */
    rows: Array<HbaRow>,
    /**
     * Whether every line and include could be read, so that what is not there is known not to be there.
     */
    complete: boolean,
  }
  /**
   * An entry of a user name map.
   */
  export interface IdentRow {
    /**
     * The majors that take it.
     */
    majors: Majors,
    mapName: string,
    /**
     * `name`, `regex`.
     */
    systemUserKind: string,
    /**
     * The name, or the expression without its slash.
     */
    systemUser: string,
    /**
     * What it is from PostgreSQL 16 on: `name`, `all`, `member`, `regex`. Before, each is a name.
     */
    databaseUserKind: string,
    /**
     * The word as written, without quotes.
     */
    databaseUser: string,
    /**
     * From the map to the database user.
     */
    place: Place,
    mapNamePlace: Place,
    systemUserPlace: Place,
    databaseUserPlace: Place,
  }
  /**
   * A pg_ident.conf with the files that it includes.
   */
  export interface Ident {
    /**
     * A number into `model.files`.
     */
    file: number,
    rows: Array<IdentRow>,
    /**
     * Whether every line and include could be read.
     */
    complete: boolean,
  }
  /**
   * The files that make a server start in recovery.
   */
  export interface Recovery {
    /**
     * standby.signal, if it is there: a number into `model.files`; so for the next two.
     */
    standbySignal?: number | null,
    recoverySignal?: number | null,
    /**
     * recovery.conf, which 10 and 11 read.
     */
    conf?: number | null,
    /**
     * What recovery.conf defines, in order.
     */
    definitions: Array<Definition>,
    /**
     * Whether what `definitions` lacks is known to be unset.
     */
    complete: boolean,
    /**
     * Whether the node's folder is a data directory, so that a signal file that is not seen is not there.
     */
    dataDirectory: boolean,
  }
  /**
   * One server, as its files describe it.
   */
  export interface Node {
    /**
     * Its number in `model.nodes`, which `host.effective-setting` takes.
     */
    number: number,
    /**
     * The folder, or what pgassay.toml calls it.
     */
    name: string,
    /**
     * The folder of its files; empty for the current one.
     */
    folder: string,
    /**
     * The majors that it is judged for.
     */
    majors: Majors,
    /**
     * Every setting that some file of the node defines, sorted by name; lines that a template makes up altogether are in
     * none. `host.effective-setting` knows all others.
     */
    settings: Array<Setting>,
    /**
     * Whether what no file defines is known to be at its default.
     */
    settingsComplete: boolean,
    /**
     * Its postgresql.conf, if the tree has one: a number into `model.files`.
     */
    configFile?: number | null,
    hba?: Hba | null,
    ident?: Ident | null,
    recovery: Recovery,
    /**
     * Further facts of the node, by name. Open; none yet.
     */
    facts: Array<[string, string]>,
  }
  /**
   * A parameter of a connection string.
   */
  export interface ConninfoParam {
    /**
     * libpq's name: `sslmode`.
     */
    keyword: string,
    /**
     * Decoded; `****` for secrets.
     */
    value: string,
    /**
     * Whether a part of the value is filled in later.
     */
    dynamic: boolean,
    secret: boolean,
    /**
     * Whether a later parameter of the same keyword takes its place.
     */
    overridden: boolean,
    /**
     * Keyword and value.
     */
    place: Place,
    valuePlace: Place,
  }
  /**
   * A connection string.
   */
  export interface Conninfo {
    /**
     * Open: `primary_conninfo`, `service`, `pgbouncer`, `subscription`.
     */
    origin: string,
    /**
     * The service, database or subscription; empty for `primary_conninfo`.
     */
    name: string,
    /**
     * The node of a `primary_conninfo`: a number into `model.nodes`.
     */
    node?: number | null,
    /**
     * The majors whose libpq reads it.
     */
    majors: Majors,
    /**
     * `keyword`, `uri`, `pgbouncer`.
     */
    form: string,
    /**
     * In order. Of two with one keyword the last counts.
     */
    params: Array<ConninfoParam>,
    /**
     * Whether params may come that are not seen here: a template or a variable adds to it.
     */
    open: boolean,
    /**
     * Whether a later definition takes its place.
     */
    overridden: boolean,
    /**
     * The string.
     */
    place: Place,
    /**
     * The entry or statement that holds it.
     */
    entryPlace: Place,
  }
  /**
   * A name in SQL.
   */
  export interface SqlName {
    /**
     * As the server knows it: folded to lower case unless quoted. A part that is known only at run time is U+FFFC.
     */
    text: string,
    /**
     * Whether a part of it is known only at run time.
     */
    dynamic: boolean,
    place: Place,
  }
  /**
   * Something that a statement says.
   */
  export interface Property {
    name: string,
    /**
     * `****` for secrets.
     */
    value: string,
    dynamic: boolean,
    place: Place,
  }
  /**
   * A SQL statement of interest.
   */
  export interface Statement {
    /**
     * Its number in `model.statements`, which `host.statement-text` and `host.parse-tree` take.
     */
    number: number,
    /**
     * Open: `create subscription`, `alter subscription`, `drop subscription`, `create publication`,
     * `alter publication`, `drop publication`, `create role`, `alter role`, `drop role`, `alter role set`,
     * `alter database set`, `grant`, `revoke`, `alter system`, `create server`, `alter server`,
     * `create user mapping`, `alter user mapping`, `create extension`, `create function`, `alter function`,
     * `create policy`, `create table`, `alter table`, `create unique index`, `replication slot`,
     * `session_replication_role`.
     */
    kind: string,
    /**
     * The object that it is about, schema and all: `app.orders`. None where it is about several or none.
     */
    name?: SqlName | null,
    /**
     * What else it says, by name. Open. `create extension`: `schema`, `version`, `cascade`. `replication slot`:
     * `function`, `slot_name`, `plugin`. `alter system`, `alter role set`, `alter database set`: `setting`, `value`
     * for each value, `reset`, `role`, `database`. `create table`: `column` for each. `alter table`:
     * `replica_identity`, `row_security`. `create server`: `wrapper`; with the user mappings: `option:NAME`. `create
     * function`: `language`, `security`. `create policy`: `table`, `command`, `role` for each.
     */
    properties: Array<Property>,
    /**
     * A number into `model.files`.
     */
    file: number,
    /**
     * The node that it is run on, if that is known: a number into `model.nodes`.
     */
    node?: number | null,
    /**
     * The majors that it is judged for.
     */
    majors: Majors,
    /**
     * Whether it runs in a transaction block: `no`, `block` (after BEGIN), `do`, `function`.
     */
    transaction: string,
    /**
     * Whether a part of it is known only at run time.
     */
    dynamic: boolean,
    place: Place,
  }
  /**
   * An attribute of a role.
   */
  export interface RoleAttribute {
    /**
     * Open: `superuser`, `inherit`, `createrole`, `createdb`, `login`, `replication`, `bypassrls`, `password`,
     * `connection limit`, `valid until`, `in role`, `role`, `admin`, `sysid`.
     */
    name: string,
    /**
     * Flags: `on`, `off`. `password`: its form, `plain`, `md5`, `scram`, `null`, `dynamic`. `connection limit`,
     * `valid until`: as written. Empty for lists of roles.
     */
    value: string,
    /**
     * The roles of `in role`, `role` and `admin`.
     */
    roles: Array<SqlName>,
    place: Place,
  }
  /**
   * CREATE or ALTER of a role, user or group.
   */
  export interface Role {
    /**
     * A number into `model.statements`; so in the records below.
     */
    statement: number,
    name: SqlName,
    /**
     * Whether the statement is CREATE.
     */
    created: boolean,
    attributes: Array<RoleAttribute>,
  }
  /**
   * GRANT or REVOKE, also within ALTER DEFAULT PRIVILEGES.
   */
  export interface Grant {
    statement: number,
    /**
     * Whether it takes away.
     */
    revoked: boolean,
    /**
     * What kind of object: `role` for membership, else `table`, `sequence`, `database`, `domain`,
     * `foreign data wrapper`, `foreign server`, `function`, `procedure`, `routine`, `language`, `large object`,
     * `parameter`, `schema`, `tablespace`, `type`.
     */
    kind: string,
    /**
     * In lower case: `select`, `all`. Empty for membership.
     */
    privileges: Array<string>,
    /**
     * The objects, or the roles whose membership is given.
     */
    objects: Array<SqlName>,
    /**
     * Whether `objects` are schemas and every object of the kind in them is meant.
     */
    allInSchema: boolean,
    /**
     * Whether it is about objects to come: ALTER DEFAULT PRIVILEGES.
     */
    defaultPrivileges: boolean,
    /**
     * The roles; `public` for PUBLIC.
     */
    grantees: Array<SqlName>,
    /**
     * Whether the right to hand it on, or the admin option, is meant.
     */
    grantOption: boolean,
  }
  /**
   * An option in `WITH (...)`.
   */
  export interface SqlOption {
    /**
     * In lower case.
     */
    name: string,
    /**
     * Strings without quotes, as written; keywords in lower case; empty for an option without a value.
     */
    value: string,
    /**
     * What it says if the server takes it for a boolean: `on`, `'FALSE'`, `1`, or no value, which is true. None for
     * other values and for those known only at run time.
     */
    truth?: boolean | null,
    dynamic: boolean,
    /**
     * Name and value.
     */
    place: Place,
  }
  /**
   * A table of a publication.
   */
  export interface PublishedTable {
    name: SqlName,
    /**
     * The column list; empty without one.
     */
    columns: Array<SqlName>,
    /**
     * Whether there is a row filter.
     */
    filtered: boolean,
    place: Place,
  }
  /**
   * CREATE, ALTER or DROP PUBLICATION.
   */
  export interface Publication {
    statement: number,
    name: SqlName,
    /**
     * Open: `create`, `add`, `set`, `drop-objects`, `options`, `owner`, `rename`, `drop`.
     */
    action: string,
    /**
     * What `rename` makes of it, or who owns it after `owner`.
     */
    to?: SqlName | null,
    allTables: boolean,
    tables: Array<PublishedTable>,
    /**
     * FOR TABLES IN SCHEMA.
     */
    schemas: Array<SqlName>,
    options: Array<SqlOption>,
  }
  /**
   * CREATE, ALTER or DROP SUBSCRIPTION.
   */
  export interface Subscription {
    statement: number,
    name: SqlName,
    /**
     * Open: `create`, `connection`, `set-publication`, `add-publication`, `drop-publication`, `refresh`, `enable`,
     * `disable`, `options`, `skip`, `owner`, `rename`, `drop`.
     */
    action: string,
    /**
     * What `rename` makes of it, or who owns it after `owner`.
     */
    to?: SqlName | null,
    publications: Array<SqlName>,
    options: Array<SqlOption>,
    /**
     * Its connection string: a number into `model.conninfos`; none if these are not read.
     */
    conninfo?: number | null,
  }
  /**
   * All that was read. Lists are numbered from 0; files, nodes and statements hold their own number.
   */
  export interface Model {
    files: Array<SourceFile>,
    nodes: Array<Node>,
    conninfos: Array<Conninfo>,
    statements: Array<Statement>,
    roles: Array<Role>,
    grants: Array<Grant>,
    publications: Array<Publication>,
    subscriptions: Array<Subscription>,
  }
  /**
   * What a plugin answers.
   * A place and what is to be said of it.
   */
  export interface Label {
    place: Place,
    /**
     * A short phrase; may be empty.
     */
    text: string,
  }
  /**
   * A replacement of the bytes of a place.
   */
  export interface Edit {
    place: Place,
    replacement: string,
  }
  /**
   * An edit that mends a finding.
   */
  export interface Fix {
    /**
     * An imperative: "set `ssl` to `on`".
     */
    title: string,
    /**
     * Whether it means the same to the server, or mends what it refuses.
     */
    safe: boolean,
    /**
     * They do not overlap.
     */
    edits: Array<Edit>,
  }
  /**
   * One thing that a rule found.
   */
  export interface Finding {
    /**
     * The id of a rule of this plugin.
     */
    rule: string,
    /**
     * None for the rule's own. What the user's configuration says wins.
     */
    severity?: Severity | null,
    /**
     * None for the rule's own.
     */
    confidence?: Confidence | null,
    /**
     * What is wrong: lower case, no full stop, names the thing and the value. At most 4 KiB, as all texts of a
     * finding.
     */
    message: string,
    /**
     * What to do.
     */
    help?: string | null,
    primary: Label,
    /**
     * Other places that belong to it; they may lie in other files. At most 100.
     */
    related: Array<Label>,
    /**
     * The majors on which it holds; none for all that the primary place is judged for. Majors that nothing is judged
     * for are left out, and a finding that holds on no other is no finding.
     */
    majors?: Majors | null,
    /**
     * What it is about, if one place has several findings of one rule; it should stay the same when lines move. None
     * for what lies at the place.
     */
    subject?: string | null,
    fix?: Fix | null,
  }
}

