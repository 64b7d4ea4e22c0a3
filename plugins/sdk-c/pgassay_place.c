// What stands beside a place in its file. The text of each file is asked for once.

#include <string.h>

#include "pgassay_memory.h"
#include "pgassay_plugin.h"

typedef struct file_text {
  struct file_text *next;
  uint32_t file;
  pgassay_string_t text;
} file_text;

static file_text *texts;

static const pgassay_string_t *text_of(uint32_t file) {
  for (file_text *known = texts; known; known = known->next) {
    if (known->file == file) return &known->text;
  }
  pgassay_string_t text;
  if (!host_file_text(file, &text)) return NULL;
  file_text *new = plugin_allocate(sizeof *new);
  *new = (file_text){texts, file, text};
  texts = new;
  return &new->text;
}

void plugin_forget_texts(void) {
  for (; texts; texts = texts->next) pgassay_string_free(&texts->text);
}

bool plugin_line_after(pgassay_place_t place, plugin_part *part) {
  host_extent_t extent;
  if (!host_text_range(place, &extent)) return false;
  const pgassay_string_t *text = text_of(extent.file);
  if (!text || extent.end > text->len) return false;
  size_t length = 0, rest = text->len - extent.end;
  uint8_t *start = text->ptr + extent.end;
  while (length < rest && start[length] != '\n') length++;
  if (length < rest && length > 0 && start[length - 1] == '\r') length--;
  *part = (plugin_part){extent.file, extent.end, extent.end + length, {start, length}};
  return true;
}

bool plugin_comment_after(pgassay_place_t place, plugin_part *part) {
  if (!plugin_line_after(place, part)) return false;
  uint8_t *sign = part->text.len ? memchr(part->text.ptr, '#', part->text.len) : NULL;
  if (!sign) return false;
  size_t before = sign - part->text.ptr;
  part->start += before;
  part->text = (pgassay_string_t){sign, part->text.len - before};
  return true;
}
