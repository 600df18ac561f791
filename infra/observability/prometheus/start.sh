#!/bin/sh
# Prometheus를 띄운다: 설정과 규칙 곁에 볼 프로세스의 목록(targets.json)을 적고 prometheus로 바뀐다(exec).
# 환경: PROMETHEUS_LISTEN(host:port) PROMETHEUS_DATA HANPAN_METRICS_TARGETS(`이름=host:port`, 쉼표).
set -eu

config=$PROMETHEUS_DATA/config
mkdir -p "$config"
cp infra/observability/prometheus/prometheus.yml infra/observability/prometheus/slo.yml \
  infra/observability/prometheus/alerts.yml "$config/"
printf '%s' "$HANPAN_METRICS_TARGETS" | tr ',' '\n' | tr -d ' ' | awk -F= '
  BEGIN { printf "[" }
  NF == 2 { printf "%s{\"targets\": [\"%s\"], \"labels\": {\"process\": \"%s\"}}", comma, $2, $1; comma = "," }
  END { print "]" }' >"$config/targets.json"

exec prometheus --config.file="$config/prometheus.yml" --storage.tsdb.path="$PROMETHEUS_DATA/tsdb" \
  --storage.tsdb.retention.time=31d --web.listen-address="$PROMETHEUS_LISTEN"
