# A service without a database of its own: give it DATABASE_URL (and DATABASE_OWNER_URL for migrations), and for webhooks the file
# THIDUA_SECRET_KEY.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    gcc libc6-dev meson ninja-build pkg-config python3 python3-yaml libmicrohttpd-dev libjansson-dev libpq-dev uuid-dev libgnutls28-dev \
    libutf8proc-dev libcsv-dev zlib1g-dev librhonabwy-dev libcurl4-gnutls-dev libxlsxwriter-dev libzip-dev libexpat1-dev \
    libpango1.0-dev libcairo2-dev libxml2-dev
COPY . /source
WORKDIR /source
# The sources come without .git: --build-arg COMMIT=$(git rev-parse --short=12 HEAD)
ARG COMMIT=unknown
RUN meson setup /build --buildtype=release -Dtests=disabled -Dcommit=${COMMIT} --prefix=/usr && ninja -C /build && DESTDIR=/installed ninja -C /build install

FROM ${BASE}
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    libmicrohttpd12 libjansson4 libpq5 libuuid1 libgnutls30 libutf8proc2 libcsv3 zlib1g librhonabwy1.1 libcurl3-gnutls libxlsxwriter4 libzip4 libexpat1 \
    libpangocairo-1.0-0 libcairo2 libxml2 fonts-liberation2 ca-certificates && apt-get clean && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
COPY --from=build /installed/usr/bin/thidua /usr/bin/thidua
COPY campaigns /usr/share/thidua/campaigns
RUN useradd --system --no-create-home thidua
USER thidua
# What papers are set with keeps in the second what it knows of fonts, else it complains in the log.
ENV THIDUA_LISTEN=0.0.0.0:8080 XDG_CACHE_HOME=/tmp
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s CMD ["/usr/bin/thidua", "health"]
ENTRYPOINT ["/usr/bin/thidua"]
CMD ["serve"]
