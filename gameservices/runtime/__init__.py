"""두 워커(matchmaking, session)가 함께 쓰는 프로세스의 틀."""
