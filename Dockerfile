# syntax=docker/dockerfile:1
# One image for each process: docker build --target scoring -t steelyard/scoring:0.1.0 .

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# One build for all targets. The caches do not outlive this step, so the binaries are copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --release --locked --workspace \
        --bin steelyard-gateway \
        --bin steelyard-organisation \
        --bin steelyard-planning \
        --bin steelyard-scoring \
        --bin steelyard-pay \
        --bin steelyard-appeals \
        --bin steelyard-notification \
    && mkdir /out \
    && install --strip target/release/steelyard-gateway target/release/steelyard-organisation \
        target/release/steelyard-planning target/release/steelyard-scoring target/release/steelyard-pay \
        target/release/steelyard-appeals target/release/steelyard-notification /out/

# The binaries need glibc and nothing else: root certificates are compiled in, and no file is written.
FROM debian:bookworm-slim AS runtime
USER 10001:10001
EXPOSE 8080

FROM runtime AS gateway
COPY --from=build /out/steelyard-gateway /usr/local/bin/
ENTRYPOINT ["steelyard-gateway"]

FROM runtime AS organisation
COPY --from=build /out/steelyard-organisation /usr/local/bin/
ENTRYPOINT ["steelyard-organisation"]

FROM runtime AS planning
COPY --from=build /out/steelyard-planning /usr/local/bin/
ENTRYPOINT ["steelyard-planning"]

FROM runtime AS scoring
COPY --from=build /out/steelyard-scoring /usr/local/bin/
ENTRYPOINT ["steelyard-scoring"]

FROM runtime AS pay
COPY --from=build /out/steelyard-pay /usr/local/bin/
ENTRYPOINT ["steelyard-pay"]

FROM runtime AS appeals
COPY --from=build /out/steelyard-appeals /usr/local/bin/
ENTRYPOINT ["steelyard-appeals"]

FROM runtime AS notification
COPY --from=build /out/steelyard-notification /usr/local/bin/
ENTRYPOINT ["steelyard-notification"]
