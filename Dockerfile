# Two ways to the same image:
#   docker build --tag earshot .                     builds the binary in BUILDER
#   make image                                       takes a binary that was built outside (target prebuilt); pulls nothing
ARG BUILDER=golang:1.26-bookworm

# What every image of Earshot is like: nothing but the binary, not root, all state in /data.
FROM scratch AS runtime
ENV EARSHOT_DATA=/data
USER 10001:10001
EXPOSE 8080
# Asks over the socket whether the store answers and every worker runs.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["/earshot", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/earshot"]
CMD ["serve", "--listen", ":8080"]

FROM runtime AS prebuilt
COPY dist/image/root/ /
COPY --chown=10001:10001 dist/image/data/ /data/
VOLUME /data

FROM ${BUILDER} AS build
# The image of Go says local here; make sets the exact version of go.mod.
ENV GOTOOLCHAIN=auto
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN make image-root VERSION="$VERSION"

FROM runtime
COPY --from=build /src/dist/image/root/ /
COPY --from=build --chown=10001:10001 /src/dist/image/data/ /data/
VOLUME /data
