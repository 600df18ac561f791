-- 기다림이 다한 표와, 임대가 끊긴 gateway의 표를 거둔다. 한 번에 볼 표는 부르는 쪽이 정한다(상한이 있다).
-- KEYS[1]  {mm}:queue:<mode>  zset. 이어서 표마다 셋씩:
-- KEYS[+1] {mm}:ticket:<ticket> hash  KEYS[+2] {mm}:player:<player> 가드  KEYS[+3] {mm}:gateway:<gateway> 임대
-- ARGV     1 timeout_ms (이만큼 기다렸으면 거둔다)  2 reap 1|0 (임대를 볼까)
--          3.. 표마다 둘: ticket_id, 부르는 쪽이 아는 주인의 conn_id
-- 답       표마다 'TIMEOUT', 'REAPED', 'GHOST'(hash가 없다), 'MOVED'(주인이 바뀌었다. 다시 읽어야 한다), 'KEPT' 가운데 하나의 목록
-- 불변조건 줄에서 기다리는 표(점수 >= 0)만, 주인을 알 때만 거두며, 거두면 줄, hash, 가드에서 함께 사라진다.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local timeout_ms = tonumber(ARGV[1])
local verdicts = {}
for i = 3, #ARGV, 2 do
  local base = 2 + (i - 3) / 2 * 3
  local ticket_id = ARGV[i]
  local joined_ms = tonumber(redis.call('ZSCORE', KEYS[1], ticket_id) or -1)
  local verdict = 'KEPT'
  if joined_ms >= 0 then
    if redis.call('EXISTS', KEYS[base]) == 0 then
      verdict = 'GHOST'
    elseif redis.call('HGET', KEYS[base], 'conn') ~= ARGV[i + 1] then
      verdict = 'MOVED'
    elseif now_ms - joined_ms >= timeout_ms then
      verdict = 'TIMEOUT'
    elseif ARGV[2] == '1' and redis.call('EXISTS', KEYS[base + 2]) == 0 then
      verdict = 'REAPED'
    end
  end
  if verdict ~= 'KEPT' and verdict ~= 'MOVED' then
    redis.call('ZREM', KEYS[1], ticket_id)
    redis.call('DEL', KEYS[base])
    if redis.call('GET', KEYS[base + 1]) == 'ticket:' .. ticket_id then
      redis.call('DEL', KEYS[base + 1])
    end
  end
  verdicts[#verdicts + 1] = verdict
end
return verdicts
