SELECT pg_create_physical_replication_slot('standby1');
SELECT pg_create_physical_replication_slot('app_standby1', true);
SELECT * FROM pg_create_logical_replication_slot('feed', 'pgoutput');
SELECT pg_create_logical_replication_slot(slot_name => 'cdc', plugin => 'pgoutput');
SELECT pg_create_physical_replication_slot('a1'), pg_create_physical_replication_slot('app_a2');
-- Other names stay what they are.
SELECT pg_drop_replication_slot('standby2');
SELECT pg_copy_physical_replication_slot('app_standby1', 'standby3');
