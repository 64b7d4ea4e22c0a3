// Memory of the SDK itself. Rules use `plugin_allocate`.

#pragma once

#include "pgassay.h"

// `realloc` for a number of elements; stops the plugin if there is no memory.
void *plugin_grow(void *old, size_t count, size_t size);

// A copy that the bindings free.
pgassay_string_t plugin_own(pgassay_string_t text);

// Frees what `plugin_allocate` gave.
void plugin_free_all(void);

// Frees the texts of files, which are those of one model. Comes before `plugin_free_all`.
void plugin_forget_texts(void);
