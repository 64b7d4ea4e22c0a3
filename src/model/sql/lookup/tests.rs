use super::*;
use crate::source::FileId;
use crate::syntax::sql::Wants;

/// What a text names that some major lacks: the majors, and the name with what it is.
fn found(text: &str) -> Vec<String> {
    let sql = super::super::read(crate::syntax::sql::read(FileId(0), text.as_bytes(), Wants::default(), None));
    assert_eq!(sql.errors, [], "{text}");
    let shown = |lookup: &Lookup| {
        let place = &text[lookup.span.range()];
        let what = match &lookup.what {
            Named::Relation { name, .. } => format!("relation {name}"),
            Named::Column { name, relations } => format!("column {name} of {}", relations.join(" ")),
            Named::Function { name, .. } => format!("function {name}"),
            Named::Arguments(name, count) => format!("function {name}/{count}"),
            Named::Setting { name, .. } => format!("setting {name}"),
            Named::Recovery(name, side) => format!("{name} on {side:?}"),
        };
        format!("{}: {what} at {place}", lookup.lacking)
    };
    sql.lookups.found.iter().map(shown).collect()
}

#[test]
fn columns_by_alias_and_scope() {
    for (text, expected) in [
        (
            "select s.sent_location from pg_stat_replication s",
            &["10 to 19: column sent_location of pg_stat_replication at sent_location"][..],
        ),
        ("select s.sent_lsn from pg_stat_replication s, mine m where m.sent_location > 0", &[]),
        (
            "select pg_stat_activity.waiting from pg_catalog.pg_stat_activity",
            &["10 to 19: column waiting of pg_stat_activity at waiting"],
        ),
        (
            "select \"waiting\" from \"pg_stat_activity\"",
            &["10 to 19: column waiting of pg_stat_activity at \"waiting\""],
        ),
        (
            "select pid, waiting as w from pg_stat_activity order by w",
            &["10 to 19: column waiting of pg_stat_activity at waiting"],
        ),
        ("select waiting from pg_stat_activity, mine", &[]),
        ("select waiting from pg_stat_activity, lateral f(pid)", &[]),
        ("select waiting from (select wait_event as waiting from pg_stat_activity) s", &[]),
        ("select waiting from pg_stat_activity a (waiting)", &[]),
        (
            "select x.waiting from pg_stat_activity a join pg_locks x using (pid)",
            &["10 to 18: column waiting of pg_locks at waiting"],
        ),
        (
            "select 1 from pg_class c where exists (select 1 from pg_stat_activity where waiting)",
            &["10 to 19: column waiting of pg_stat_activity pg_class at waiting"],
        ),
        ("select 1 from mine where exists (select 1 from pg_stat_activity where waiting)", &[]),
        (
            "select (select query from pg_stat_activity where pid = procpid) from pg_locks",
            &["10 to 19: column procpid of pg_stat_activity pg_locks at procpid"],
        ),
        ("with pg_locks as (select 1 as x) select l.x from pg_locks l", &[]),
        (
            "with a as (select procpid from pg_stat_activity) select * from a",
            &["10 to 19: column procpid of pg_stat_activity at procpid"],
        ),
        ("select count(*) waiting from pg_stat_activity group by usename order by waiting", &[]),
        ("select case when state = 'active' then 1 end waiting from pg_stat_activity order by waiting", &[]),
        (
            "select count(*), sum(pid)::int8, (select 1 x) from pg_stat_activity group by datname order by count, int8, x",
            &[],
        ),
        ("select state from pg_stat_activity union all select mode from pg_locks order by state", &[]),
        (
            "select extract(epoch from now() - query_start), interval '1 day', now()::timestamp with time zone from pg_stat_activity",
            &[],
        ),
        ("select a.* , row_to_json(a), a from pg_stat_activity a where a is distinct from null", &[]),
        (
            "select sum(x) over w from pg_stat_activity window w as (partition by pid), v as (order by pid)",
            &["10 to 18: column x of pg_stat_activity at x"],
        ),
        (
            "select relname, oid, ctid, c.xmin from pg_class c where c.relkind in ('r', 'm') and not c.relispartition",
            &[],
        ),
        (
            "select c.relname from pg_class c join (pg_index i join pg_am a on a.oid = i.indexrelid) on i.indrelid = c.oid and i.bad",
            &["10 to 18: column bad of pg_index at bad"],
        ),
        ("select c.pg_relation_size, c.oid from pg_class c", &[]),
        (
            "select buffers_checkpoint, stats_reset from pg_stat_bgwriter",
            &["17 to 19: column buffers_checkpoint of pg_stat_bgwriter at buffers_checkpoint"],
        ),
        (
            "select total_time from pg_stat_statements",
            &["13 to 19: column total_time of pg_stat_statements at total_time"],
        ),
        (
            "select t.no_such from information_schema.tables t",
            &["10 to 18: column no_such of information_schema.tables at no_such"],
        ),
        ("select :col from pg_stat_activity :more where waiting", &[]),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn relations_and_functions() {
    for (text, expected) in [
        (
            "select * from pg_stat_subscription_rel",
            &["10 to 18: relation pg_stat_subscription_rel at pg_stat_subscription_rel"][..],
        ),
        ("select * from pg_catalog.pg_stat_io i", &["10 to 15: relation pg_stat_io at pg_catalog.pg_stat_io"]),
        ("select * from monitoring.pg_stat_io", &[]),
        (
            "select * from information_schema.tabels",
            &["10 to 18: relation information_schema.tabels at information_schema.tabels"],
        ),
        ("select pg_xlog_location_diff(a, b)", &["10 to 19: function pg_xlog_location_diff at pg_xlog_location_diff"]),
        (
            "select pg_catalog.pg_start_backup('x')",
            &["15 to 19: function pg_start_backup at pg_catalog.pg_start_backup"],
        ),
        ("select pg_terminate_backend(1, 100)", &["10 to 13: function pg_terminate_backend/2 at pg_terminate_backend"]),
        ("select pg_wal_lsn_diff('0/0', a, b)", &["10 to 18: function pg_wal_lsn_diff/3 at pg_wal_lsn_diff"]),
        ("select pg_lsn('0/0'), pg_size_pretty(sum(x)) from t", &[]),
        ("select mine.pg_start_backup('x')", &[]),
        ("insert into pg_copy (a) select 1 from pg_stat_wal", &["10 to 13: relation pg_stat_wal at pg_stat_wal"]),
        ("create view v as select * from pg_stat_wal", &["10 to 13: relation pg_stat_wal at pg_stat_wal"]),
        ("create table t as select * from pg_stat_wal", &["10 to 13: relation pg_stat_wal at pg_stat_wal"]),
        ("copy (select * from pg_stat_wal) to stdout", &["10 to 13: relation pg_stat_wal at pg_stat_wal"]),
        ("explain (analyze) select * from pg_stat_wal", &["10 to 13: relation pg_stat_wal at pg_stat_wal"]),
        ("do $$ begin perform pg_switch_xlog(); end $$", &["10 to 19: function pg_switch_xlog at pg_switch_xlog"]),
        (
            "do $$ begin execute 'select pg_switch_xlog()'; end $$",
            &["10 to 19: function pg_switch_xlog at pg_switch_xlog"],
        ),
        (
            "do $$ begin if current_setting('server_version_num')::int < 100000 then perform pg_switch_xlog(); end if; end $$",
            &[],
        ),
        (
            "\\if :old\nselect pg_switch_xlog();\n\\endif\nselect pg_switch_xlog();",
            &["10 to 19: function pg_switch_xlog at pg_switch_xlog"],
        ),
        ("create function pg_switch_xlog() returns int language sql as $$ select 1 $$", &[]),
        (
            "grant execute on function pg_start_backup(text, boolean, boolean), pg_switch_wal() to b",
            &["15 to 19: function pg_start_backup at pg_start_backup"],
        ),
        ("grant select on pg_stat_io, t to b", &["10 to 15: relation pg_stat_io at pg_stat_io"]),
        ("revoke all on pg_stat_io from b", &["10 to 15: relation pg_stat_io at pg_stat_io"]),
        ("grant usage on schema pg_stat_io to b", &[]),
        ("show wal_keep_segments", &["13 to 19: setting wal_keep_segments at wal_keep_segments"]),
        ("select current_setting('wal_keep_segments')", &["13 to 19: setting wal_keep_segments at wal_keep_segments"]),
        ("select current_setting('wal_keep_segments', true), current_setting('app.x'), current_setting($1)", &[]),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn what_the_query_says_of_recovery() {
    for (text, expected) in [
        (
            "select case when pg_is_in_recovery() then pg_current_wal_lsn() else pg_last_wal_replay_lsn() end",
            &["10 to 19: pg_current_wal_lsn on Standby at pg_current_wal_lsn"][..],
        ),
        ("select case when not pg_is_in_recovery() then pg_current_wal_lsn() else pg_last_wal_replay_lsn() end", &[]),
        (
            "select case when pg_is_in_recovery() then false else pg_is_wal_replay_paused() end",
            &["10 to 19: pg_is_wal_replay_paused on Primary at pg_is_wal_replay_paused"],
        ),
        ("select pg_switch_wal() where pg_is_in_recovery()", &["10 to 19: pg_switch_wal on Standby at pg_switch_wal"]),
        ("select pg_switch_wal() where not pg_is_in_recovery()", &[]),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}
