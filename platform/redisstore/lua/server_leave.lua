-- 나가는 서버가 스스로 등록부에서 빠진다. 여러 번 불러도 같다.
-- KEYS[1]  {fleet}:server:<id>  hash
-- KEYS[2]  {fleet}:servers      zset
-- ARGV     1 server_id
-- 답       1
-- 불변조건 스스로 나간 서버는 하트비트가 끊긴 것으로 보이지 않는다(이름과 칸들이 함께 사라진다).
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
