-- 서버가 맡은 판을 목록에 다시 적는다. 여러 번 불러도 같다.
-- KEYS[1]  {fleet}:matches:<id>  set
-- ARGV     1 match_id  2 held_ms (목록의 수명)
-- 답       1
-- 불변조건 수명 없는 목록은 없다.
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
