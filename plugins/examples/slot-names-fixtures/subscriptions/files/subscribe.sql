-- The slot takes the subscription's name.
CREATE SUBSCRIPTION orders CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub;
CREATE SUBSCRIPTION app_items CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub;
-- It has a name of its own.
CREATE SUBSCRIPTION stock CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (slot_name = 'stock_slot');
CREATE SUBSCRIPTION prices CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (copy_data = false, slot_name = 'app_prices');
CREATE SUBSCRIPTION app_taxes CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (slot_name = taxes, copy_data = false);
-- Nothing is made.
CREATE SUBSCRIPTION parts CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (create_slot = false);
CREATE SUBSCRIPTION units CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (connect = off);
CREATE SUBSCRIPTION tests CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (slot_name = NONE, enabled = false, create_slot = false);
CREATE SUBSCRIPTION views CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (slot_name = views, create_slot = false);
-- An option says the default.
CREATE SUBSCRIPTION lots CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (create_slot = true, copy_data = false);
