CREATE SUBSCRIPTION "orders" CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub;
create subscription Items connection 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub;
CREATE SUBSCRIPTION stock CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH ("slot_name" = E'stock\x5fslot');
CREATE SUBSCRIPTION prices CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (SLOT_NAME = $$app_prices$$);
CREATE SUBSCRIPTION taxes CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (slot_name = "taxes");
CREATE SUBSCRIPTION parts CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (slot_name = App_Parts);
