# pgassay alone: a static binary, no shell, no root. docs/ci.md says how to use it.
FROM rust:1.95-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends libclang-dev musl-tools \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN target="$(uname -m)-unknown-linux-musl" \
 && rustup target add "$target" \
 && cargo build --release --locked --bin pgassay --target "$target" \
 && cp "target/$target/release/pgassay" /pgassay

FROM scratch
COPY --from=build /pgassay /pgassay
USER 65532:65532
WORKDIR /io
ENTRYPOINT ["/pgassay"]
