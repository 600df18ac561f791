-- 판이 만들어졌다(또는 되돌리지 않기로 했다): 잡힌 표를 줄에서 뺀다. 여러 번 불러도 같다.
-- KEYS[1]  {mm}:queue:<mode>  zset
-- KEYS[2]  {mm}:claim:<match> hash. 이어서 표마다 하나씩:
-- KEYS[+1] {mm}:ticket:<ticket> hash
-- ARGV     1 match_id  2.. 표마다 ticket_id
-- 답       이번에 정해진 표의 수
-- claim과 표의 hash는 제 TTL까지 남는다: 끊겼던 gateway가 그 사이의 통지를 다시 묻는다.
-- 불변조건 그 판에 잡힌 표만 건드린다. 되돌아간 표는 그대로 줄에 있다.
local settled = 0
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('HSET', KEYS[2], 'state', 'settled')
end
for i = 2, #ARGV do
  local row = redis.call('HMGET', KEYS[i + 1], 'state', 'match')
  if row[1] == 'claimed' and row[2] == ARGV[1] then
    redis.call('HSET', KEYS[i + 1], 'state', 'matched')
    redis.call('ZREM', KEYS[1], ARGV[i])
    settled = settled + 1
  elseif not row[1] then -- hash가 먼저 지난 표: 줄에 남은 이름을 치운다
    redis.call('ZREM', KEYS[1], ARGV[i])
  end
end
return settled
