-- 서버의 드레인 지시를 적거나 거둔다. 여러 번 불러도 같다.
-- KEYS[1]  {fleet}:draining     set  드레인 지시가 있는 서버
-- KEYS[2]  {fleet}:drain_grace  hash 서버 -> 그 뜻의 유예(ms). 없으면 서버의 기본값
-- ARGV     1 server_id  2 드레인하려는가 0|1  3 grace_ms (빈 글이면 서버의 기본값)
-- 답       1
-- 불변조건 뜻이 없는 서버의 유예는 남지 않는다.
if ARGV[2] == '1' then
  redis.call('SADD', KEYS[1], ARGV[1])
else
  redis.call('SREM', KEYS[1], ARGV[1])
end
if ARGV[2] == '1' and ARGV[3] ~= '' then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
else
  redis.call('HDEL', KEYS[2], ARGV[1])
end
return 1
