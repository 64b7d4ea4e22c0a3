/* Has libpg_query split each file that standard input names, with PostgreSQL's raw parser: what `cargo xtask bench`
 * compares with. Nothing is done with the result. */
#include <pg_query.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    static char path[4096];
    while (fgets(path, sizeof path, stdin) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        FILE *file = fopen(path, "rb");
        if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
            perror(path);
            return 2;
        }
        long size = ftell(file);
        rewind(file);
        char *text = malloc((size_t)size + 1);
        if (text == NULL || fread(text, 1, (size_t)size, file) != (size_t)size) {
            perror(path);
            return 2;
        }
        text[size] = '\0';
        fclose(file);
        pg_query_free_split_result(pg_query_split_with_parser(text));
        free(text);
    }
    return 0;
}
