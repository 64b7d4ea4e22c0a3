CREATE SUBSCRIPTION :name CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub;
CREATE SUBSCRIPTION :"name" CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub;
CREATE SUBSCRIPTION orders CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (slot_name = :'slot');
CREATE SUBSCRIPTION items CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (slot_name = :slot);
CREATE SUBSCRIPTION parts CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (create_slot = :create);
CREATE SUBSCRIPTION units CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (connect = :'connect');
SELECT pg_create_physical_replication_slot(:'slot');
SELECT pg_create_physical_replication_slot(name) FROM standbys;
