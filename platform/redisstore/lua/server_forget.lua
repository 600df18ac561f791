-- 하트비트가 끊긴 서버를 등록부에서 뺀다. 여러 번 불러도 같다.
-- KEYS[1]  {fleet}:server:<id>   hash 하트비트가 살아 있으면 있다
-- KEYS[2]  {fleet}:servers       zset
-- KEYS[3]  {fleet}:matches:<id>  set  맡아 아직 끝이 쓰이지 않은 판
-- ARGV     1 server_id
-- 답       'ALIVE'(하트비트가 있다), 'HOLDS'(끝이 쓰이지 않은 판이 남았다), 'FORGOTTEN' 가운데 하나
-- 불변조건 산 서버와, 판이 남은 서버는 등록부에서 사라지지 않는다(남은 서버들이 그 판을 찾아 끝내야 한다).
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 'ALIVE'
elseif redis.call('SCARD', KEYS[3]) > 0 then
  return 'HOLDS'
end
redis.call('ZREM', KEYS[2], ARGV[1])
return 'FORGOTTEN'
