CREATE SUBSCRIPTION app_orders CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub;
CREATE SUBSCRIPTION svc_items CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub;
CREATE SUBSCRIPTION stock CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (slot_name = 'svc');
CREATE SUBSCRIPTION prices CONNECTION 'host=db1.example.com dbname=app user=replicator sslmode=verify-full' PUBLICATION pub WITH (slot_name = 'svc_');
