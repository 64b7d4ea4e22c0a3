#include "pgassay_json.h"

#include <string.h>

#include "pgassay_plugin.h"

static void skip_space(pgassay_string_t text, size_t *at) {
  while (*at < text.len && memchr(" \t\r\n", text.ptr[*at], 4)) ++*at;
}

static bool take(pgassay_string_t text, size_t *at, char wanted) {
  skip_space(text, at);
  if (*at >= text.len || text.ptr[*at] != (uint8_t)wanted) return false;
  ++*at;
  return true;
}

// Passes over a string that starts at `at`.
static bool skip_string(pgassay_string_t text, size_t *at) {
  for (++*at; *at < text.len; ++*at) {
    if (text.ptr[*at] == '"') return ++*at, true;
    if (text.ptr[*at] == '\\') ++*at;
  }
  return false;
}

// The value that starts at `at`. Depth is counted and not descended into, so no input can exhaust the stack.
static bool take_value(pgassay_string_t text, size_t *at, pgassay_string_t *value) {
  skip_space(text, at);
  size_t start = *at, depth = 0;
  while (*at < text.len) {
    uint8_t byte = text.ptr[*at];
    if (byte == '"') {
      if (!skip_string(text, at)) return false;
      continue;
    }
    if (byte == '{' || byte == '[') depth++;
    if (depth == 0 && memchr(":,}] \t\r\n", byte, 8)) break;
    if (byte == '}' || byte == ']') depth--;
    ++*at;
  }
  *value = (pgassay_string_t){text.ptr + start, *at - start};
  return *at > start && depth == 0;
}

bool plugin_json_member(pgassay_string_t object, const char *name, pgassay_string_t *value) {
  size_t at = 0;
  if (!take(object, &at, '{')) return false;
  do {
    pgassay_string_t key, text;
    if (!take_value(object, &at, &key) || !plugin_json_string(key, &text)) return false;
    if (!take(object, &at, ':') || !take_value(object, &at, value)) return false;
    if (plugin_is(text, name)) return true;
  } while (take(object, &at, ','));
  return false;
}

bool plugin_json_item(pgassay_string_t array, size_t *at, pgassay_string_t *item) {
  return take(array, at, *at == 0 ? '[' : ',') && take_value(array, at, item);
}

static bool hex(pgassay_string_t text, size_t at, uint32_t *code) {
  *code = 0;
  if (at + 4 > text.len) return false;
  for (size_t i = at; i < at + 4; i++) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *digit = memchr(digits, text.ptr[i], sizeof digits - 1);
    if (!digit) return false;
    *code = *code << 4 | ((digit - digits) & 15);
  }
  return true;
}

static size_t encode(uint32_t code, uint8_t *out) {
  if (code < 0x80) return out[0] = code, 1;
  size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--, code >>= 6) out[i] = 0x80 | (code & 0x3f);
  out[0] = (0xf00 >> length & 0xf0) | code;
  return length;
}

// Decodes `\uXXXX` whose digits start at `at`, with the second half of a pair.
static bool escape(pgassay_string_t text, size_t *at, uint32_t *code) {
  uint32_t low;
  if (!hex(text, *at, code)) return false;
  *at += 4;
  if (*code < 0xd800 || *code > 0xdfff) return true;
  if (*code > 0xdbff || *at + 2 > text.len || memcmp(text.ptr + *at, "\\u", 2) != 0) return false;
  if (!hex(text, *at + 2, &low) || low < 0xdc00 || low > 0xdfff) return false;
  *at += 6;
  *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
  return true;
}

bool plugin_json_string(pgassay_string_t value, pgassay_string_t *text) {
  if (value.len < 2 || value.ptr[0] != '"' || value.ptr[value.len - 1] != '"') return false;
  // No escape is shorter than what it stands for.
  text->ptr = plugin_allocate(value.len);
  text->len = 0;
  for (size_t at = 1; at < value.len - 1;) {
    uint8_t byte = value.ptr[at++];
    if (byte != '\\') {
      text->ptr[text->len++] = byte;
      continue;
    }
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    byte = value.ptr[at++];
    const char *found = byte ? strchr(from, byte) : NULL;
    uint32_t code;
    if (found) {
      text->ptr[text->len++] = to[found - from];
    } else if (byte == 'u' && escape(value, &at, &code)) {
      text->len += encode(code, text->ptr + text->len);
    } else {
      return false;
    }
  }
  return true;
}

bool plugin_json_integer(pgassay_string_t value, int64_t *number) {
  bool is_negative = value.len > 0 && value.ptr[0] == '-';
  size_t at = is_negative;
  if (at == value.len) return false;
  for (*number = 0; at < value.len; at++) {
    int digit = value.ptr[at] - '0';
    if (digit < 0 || digit > 9) return false;
    if (__builtin_mul_overflow(*number, (int64_t)10, number)) return false;
    if (__builtin_add_overflow(*number, (int64_t)(is_negative ? -digit : digit), number)) return false;
  }
  return true;
}

bool plugin_json_bool(pgassay_string_t value, bool *truth) {
  *truth = plugin_is(value, "true");
  return *truth || plugin_is(value, "false");
}
