"""관리 화면(unfold)의 시각들. TIME_ZONE이 UTC라 글도 UTC다."""

DATETIME_FORMAT = SHORT_DATETIME_FORMAT = r"Y-m-d H:i:s \U\T\C"
DATE_FORMAT = SHORT_DATE_FORMAT = "Y-m-d"
