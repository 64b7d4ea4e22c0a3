ALTER SUBSCRIPTION stock SET (slot_name = 'stock_new');
ALTER SUBSCRIPTION prices SET (slot_name = app_prices_new);
ALTER SUBSCRIPTION tests SET (slot_name = NONE);
ALTER SUBSCRIPTION tests DISABLE;
