DO $$
BEGIN
    PERFORM pg_create_physical_replication_slot('standby4');
END
$$;
