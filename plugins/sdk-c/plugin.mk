# Builds the component build/NAME.wasm from the project's *.c. A project's Makefile sets NAME and SDK and includes this.
#
# It needs clang with wasi-libc, and wasm-component-ld with wasm-ld: rustup's toolchain has both, `cargo install
# wasm-component-ld` brings the first, WASI SDK all of them. Where they are found by other names, set the variables:
#   make CLANG="/opt/wasi-sdk/bin/clang" COMPONENT_LD=/opt/wasi-sdk/bin/wasm-component-ld

CLANG ?= clang
RUST_BIN := $(wildcard $(shell rustc --print sysroot 2>/dev/null)/lib/rustlib/*/bin)
COMPONENT_LD ?= $(firstword $(shell command -v wasm-component-ld) $(wildcard $(RUST_BIN:%=%/wasm-component-ld)))
WASM_LD ?= $(firstword $(shell command -v wasm-ld) $(wildcard $(RUST_BIN:%=%/gcc-ld/wasm-ld)))

TARGET := --target=wasm32-wasi
LIBC := $(dir $(shell $(CLANG) $(TARGET) -print-file-name=crt1-reactor.o))
FLAGS := $(TARGET) -std=gnu11 -Os -Wall -Wextra -Wno-unused-parameter -I$(SDK) -Ibuild $(CFLAGS)
SOURCES := $(wildcard *.c $(SDK)/*.c)
OBJECTS := $(addprefix build/,$(notdir $(SOURCES:.c=.o)))
vpath %.c . $(SDK)

# The component's type is in the object that wit-bindgen makes. No adapter: the component has no use for WASI.
build/$(NAME).wasm: $(OBJECTS) $(SDK)/pgassay_component_type.o
	$(if $(COMPONENT_LD),,$(error wasm-component-ld is not found; install Rust, or set COMPONENT_LD))
	$(COMPONENT_LD) $(WASM_LD:%=--wasm-ld-path=%) --wasi-adapter=none --strip-debug --entry=_initialize \
		$(LIBC)crt1-reactor.o $^ -L$(LIBC) -lc -o $@

build/%.o: %.c build/pages.h $(wildcard *.h $(SDK)/*.h)
	$(CLANG) $(FLAGS) -c $< -o $@

# Each rules/ID.md becomes a string `page_ID`, with `_` for `-`.
build/pages.h: $(wildcard rules/*.md)
	@mkdir -p build
	for page in $^; do \
		echo "static const char page_$$(basename $$page .md | tr - _)[] ="; \
		sed 's/\\/\\\\/g; s/"/\\"/g; s/^/  "/; s/$$/\\n"/' $$page; echo '  ;'; \
	done > $@

clean:
	rm -rf build

.PHONY: clean
