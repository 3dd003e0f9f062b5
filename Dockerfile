# evochat as an image: the page's packages from npm, Python packages in a virtual environment, and neither npm, pip's
# cache nor a compiler in what is shipped.
#
#   docker build -t evochat .
#   docker compose up -d       with PostgreSQL and Valkey, see docker-compose.yml

FROM node:24-slim AS npm
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.13-slim AS pip
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt .
# Wheels only: no package needs a compiler, and one that suddenly does should fail here.
RUN pip install --no-cache-dir --only-binary=:all: -r requirements.txt

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# A fixed number, so that an operator can give volumes to it.
RUN useradd --uid 10001 --create-home --home-dir /srv/evochat evochat
WORKDIR /srv/evochat
COPY --from=pip /opt/venv /opt/venv
COPY --from=npm /build/node_modules ./node_modules
COPY manage.py ./
COPY evochat ./evochat
COPY chat ./chat
COPY local_model ./local_model
COPY scripted_evolution ./scripted_evolution
COPY scripts ./scripts
COPY templates ./templates
COPY locale ./locale
# var/ holds the SQLite file and the generated key, if those defaults are used; all else stays root's, unwritable.
RUN python -m compileall -q chat evochat local_model scripted_evolution scripts \
    && python -m scripts.languages compile \
    && install -d -o evochat -g evochat var \
    && DJANGO_SECRET_KEY=for-the-build-alone python manage.py collectstatic --noinput --verbosity 0
USER evochat
EXPOSE 8000
# There is no curl in the image, but Python.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "scripts.healthcheck"]
# Its own process is the container's first: SIGTERM reaches the server, which lets its sockets go in order.
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--port", "8000"]
