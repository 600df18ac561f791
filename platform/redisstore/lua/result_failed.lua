-- 적어 둔 결과를 쓰지 못한 까닭을 남긴다. 같은 판은 마지막 것만 남는다.
-- KEYS[1]  result:<region>:failures  hash 판 -> JSON
-- ARGV     1 match_id  2 JSON  3 ttl_ms
-- 답       1
-- 불변조건 수명 없는 기록은 없다.
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
