-- What the server takes for false.
CREATE SUBSCRIPTION orders CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (create_slot = 'FALSE');
CREATE SUBSCRIPTION items CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (connect = 0);
CREATE SUBSCRIPTION parts CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (CONNECT = "off");
-- What it takes for true.
CREATE SUBSCRIPTION stock CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (create_slot);
CREATE SUBSCRIPTION prices CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (create_slot = 'ON');
CREATE SUBSCRIPTION taxes CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (connect = 1);
-- What it takes for neither.
CREATE SUBSCRIPTION views CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (create_slot = no);
