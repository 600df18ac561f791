-- 무산된 판의 표를 옛자리(들어온 시각)로 되돌린다. 그 사이 더는 원하지 않게 된 표는 버린다.
-- KEYS[1]  {mm}:queue:<mode>     zset
-- KEYS[2]  {mm}:claim:<match>    hash. 이어서 표마다 둘씩:
-- KEYS[+1] {mm}:ticket:<ticket>  hash  KEYS[+2] {mm}:player:<player> 가드
-- ARGV     1 match_id  2.. 표마다 ticket_id
-- 답       표마다 'QUEUED', 'DROPPED'(원하지 않음), 'GONE'(그 판에 잡혀 있지 않음) 가운데 하나의 목록
-- 불변조건 그 판에 잡힌 표만 되돌리며, 되돌린 표는 들어온 시각과 남은 수명을 그대로 갖는다.
local verdicts = {}
for i = 2, #ARGV do
  local base = 3 + (i - 2) * 2
  local ticket_id = ARGV[i]
  local row = redis.call('HMGET', KEYS[base], 'state', 'match', 'joined', 'wants')
  local held = redis.call('GET', KEYS[base + 1])
  local ours = row[1] == 'claimed' and row[2] == ARGV[1] and (not held or held == 'match:' .. ARGV[1])
  if ours and row[4] ~= '0' then
    redis.call('SET', KEYS[base + 1], 'ticket:' .. ticket_id, 'PX',
      math.max(1, redis.call('PTTL', KEYS[base])))
    redis.call('HSET', KEYS[base], 'state', 'queued')
    redis.call('HDEL', KEYS[base], 'match')
    redis.call('ZADD', KEYS[1], row[3], ticket_id)
    verdicts[#verdicts + 1] = 'QUEUED'
  elseif ours then
    redis.call('DEL', KEYS[base], KEYS[base + 1])
    redis.call('ZREM', KEYS[1], ticket_id)
    verdicts[#verdicts + 1] = 'DROPPED'
  else
    if not row[1] then -- hash가 먼저 지난 표: 줄에 남은 이름과 가드를 치운다
      redis.call('ZREM', KEYS[1], ticket_id)
      if held == 'match:' .. ARGV[1] then
        redis.call('DEL', KEYS[base + 1])
      end
    end
    verdicts[#verdicts + 1] = 'GONE'
  end
end
redis.call('DEL', KEYS[2])
return verdicts
