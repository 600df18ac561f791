-- 판의 기록을 통째로 쓰고 수명을 다시 준다. 여러 번 불러도 같다.
-- KEYS[1]  match:{match}  hash
-- ARGV     1 ttl_ms  2.. 칸과 값이 번갈아
-- 답       1
-- 불변조건 수명 없는 기록은 없다.
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
