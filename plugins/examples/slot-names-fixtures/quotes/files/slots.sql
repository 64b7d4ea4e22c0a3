SELECT pg_create_physical_replication_slot(E'st\x61ndby1');
SELECT PG_CREATE_PHYSICAL_REPLICATION_SLOT($$app_standby1$$);
