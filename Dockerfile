# The image: the static binary and nothing else.
#
#   docker build -t genuin-sandbox .
#   docker buildx build --platform linux/amd64,linux/arm64 -t genuin-sandbox .
#
# The compiler always runs on the machine's own architecture and builds for the other one. The same sources
# give the same image: the file's time is fixed here, and SOURCE_DATE_EPOCH fixes those of the image.

FROM --platform=$BUILDPLATFORM rust:1.95.0-slim-bookworm AS build
ARG TARGETARCH
# what --version names, since the build has no repository
ARG SANDBOX_COMMIT
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /genuin-sandbox
# hadolint ignore=DL3008
RUN case $TARGETARCH in \
        amd64) target=x86_64-unknown-linux-gnu; cross=gcc-x86-64-linux-gnu ;; \
        arm64) target=aarch64-unknown-linux-gnu; cross=gcc-aarch64-linux-gnu ;; \
        *) echo "there is no build for \"$TARGETARCH\"; use amd64 or arm64" >&2; exit 1 ;; \
    esac; \
    packages=(gcc libc6-dev); \
    if [[ $(dpkg --print-architecture) != "$TARGETARCH" ]]; then \
        packages+=("$cross" "libc6-dev-$TARGETARCH-cross"); \
    fi; \
    apt-get update; \
    apt-get install -y --no-install-recommends "${packages[@]}"; \
    rm -rf /var/lib/apt/lists/*; \
    rustup target add "$target"; \
    echo "$target" >/target
COPY . .
RUN SANDBOX_COMMIT=$SANDBOX_COMMIT packaging/build --target "$(cat /target)" --out /out

FROM scratch
ARG VERSION=unknown
ARG SANDBOX_COMMIT=unknown
LABEL org.opencontainers.image.title="genuin-sandbox" \
      org.opencontainers.image.description="A sandbox of Genuin's third-party REST API, for development and CI" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$SANDBOX_COMMIT" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /out/genuin-sandbox /genuin-sandbox
# a number, so that Kubernetes can tell that it is not root
USER 65532:65532
# within a container its own loopback reaches nobody
ENV GNSB_LISTEN=0.0.0.0:4368 GNSB_ADMIN=open
EXPOSE 4368
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=2s --timeout=2s --retries=15 CMD ["/genuin-sandbox", "healthcheck"]
ENTRYPOINT ["/genuin-sandbox"]
