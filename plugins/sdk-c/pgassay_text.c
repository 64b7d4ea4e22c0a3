// Strings and memory.

#include <stdlib.h>
#include <string.h>

#include "pgassay_memory.h"
#include "pgassay_plugin.h"

typedef struct chunk {
  struct chunk *next;
  _Alignas(max_align_t) uint8_t bytes[];
} chunk;

static chunk *chunks;

void *plugin_grow(void *old, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) abort();
  void *new = realloc(old, bytes ? bytes : 1);
  if (!new) abort();
  return new;
}

void *plugin_allocate(size_t size) {
  if (__builtin_add_overflow(size, sizeof(chunk), &size)) abort();
  chunk *new = plugin_grow(NULL, size, 1);
  new->next = chunks;
  chunks = new;
  return new->bytes;
}

void plugin_free_all(void) {
  while (chunks) {
    chunk *next = chunks->next;
    free(chunks);
    chunks = next;
  }
}

pgassay_string_t plugin_own(pgassay_string_t text) {
  // The bindings free no string that is empty.
  if (text.len == 0) return (pgassay_string_t){NULL, 0};
  uint8_t *bytes = plugin_grow(NULL, text.len, 1);
  memcpy(bytes, text.ptr, text.len);
  return (pgassay_string_t){bytes, text.len};
}

pgassay_string_t plugin_text(const char *text) { return (pgassay_string_t){(uint8_t *)text, text ? strlen(text) : 0}; }

pgassay_string_t plugin_format(const char *text, const pgassay_string_t *parts, size_t count) {
  size_t room = strlen(text);
  for (size_t i = 0; i < count; i++) {
    if (__builtin_add_overflow(room, parts[i].len, &room)) abort();
  }
  pgassay_string_t made = {plugin_allocate(room), 0};
  while (*text) {
    if (count > 0 && strncmp(text, "{}", 2) == 0) {
      if (parts->len) memcpy(made.ptr + made.len, parts->ptr, parts->len);
      made.len += parts->len;
      parts++;
      count--;
      text += 2;
    } else {
      made.ptr[made.len++] = *text++;
    }
  }
  return made;
}

bool plugin_equal(pgassay_string_t left, pgassay_string_t right) {
  return left.len == right.len && plugin_starts_with(left, right);
}

bool plugin_is(pgassay_string_t text, const char *other) { return plugin_equal(text, plugin_text(other)); }

bool plugin_starts_with(pgassay_string_t text, pgassay_string_t prefix) {
  return text.len >= prefix.len && (prefix.len == 0 || memcmp(text.ptr, prefix.ptr, prefix.len) == 0);
}

bool plugin_contains(pgassay_string_t text, const char *part) {
  pgassay_string_t wanted = plugin_text(part);
  for (size_t at = 0; at + wanted.len <= text.len; at++) {
    if (plugin_starts_with((pgassay_string_t){text.ptr + at, text.len - at}, wanted)) return true;
  }
  return false;
}
