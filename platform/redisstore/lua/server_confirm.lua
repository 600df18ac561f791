-- 서버가 임대를 제 것으로 굳힌다. 이 뒤에만 판을 만든다. 여러 번 불러도 같다.
-- KEYS[1]  {fleet}:lease:<match>  string server_id 또는 confirmed:<server_id>
-- KEYS[2]  {fleet}:server:<id>    hash
-- KEYS[3]  {fleet}:matches:<id>   set 서버가 맡은 판
-- ARGV     1 match_id  2 server_id  3 confirmed_ms (굳힌 표시가 남는 시간)  4 held_ms (맡은 판 목록의 수명)
-- 답       1 굳혔다(이미 굳혔다)  0 임대가 지났거나 거두어졌거나 남의 것이다
-- 불변조건 한 판을 굳히는 서버는 많아야 하나이고, 거두어진 임대는 굳지 않는다. 굳은 판은 끝이 쓰일 때까지 목록에 있다.
local held = redis.call('GET', KEYS[1])
if held == 'confirmed:' .. ARGV[2] then
  return 1
elseif held ~= ARGV[2] then
  return 0
end
redis.call('SET', KEYS[1], 'confirmed:' .. ARGV[2], 'PX', ARGV[3])
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[4])
-- 임대 하나가 도는 판 하나로 바뀌므로 부하(zset)는 그대로다. 다음 하트비트가 running을 다시 말한다.
if redis.call('HDEL', KEYS[2], 'lease:' .. ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[2], 'running', 1)
end
return 1
