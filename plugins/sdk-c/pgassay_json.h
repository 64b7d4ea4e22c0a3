// Reads the options' JSON.
//
// A value is the part of the text that it is written in, so nothing has to be built. The host has parsed the
// text and checked it against the schema: this reader is safe on any bytes, but it does not say what is wrong with
// them.

#pragma once

#include "pgassay.h"

// The value of a member of an object.
bool plugin_json_member(pgassay_string_t object, const char *name, pgassay_string_t *value);

// The next item of an array. `at` starts at 0 and is for this function alone.
bool plugin_json_item(pgassay_string_t array, size_t *at, pgassay_string_t *item);

// The text of a string.
bool plugin_json_string(pgassay_string_t value, pgassay_string_t *text);

// A number that is whole, within the range.
bool plugin_json_integer(pgassay_string_t value, int64_t *number);

// `true` or `false`.
bool plugin_json_bool(pgassay_string_t value, bool *truth);
