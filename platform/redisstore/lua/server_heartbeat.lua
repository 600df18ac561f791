-- session 서버의 하트비트를 적고, 지난 임대를 걷어 부하를 다시 센다.
-- KEYS[1]  {fleet}:server:<id>  hash {address, state, capacity, running, version, pool, boot, left, drain_left, seen,
--                               lease:<match> -> 만료 ms}
-- KEYS[2]  {fleet}:servers      zset id -> 부하(도는 판 + 여는 판 + 그 밖의 산 임대)
-- KEYS[3]  {fleet}:draining     set
-- KEYS[4]  {fleet}:drain_grace  hash 서버 -> 드레인 유예(ms)
-- ARGV[1]  이름 붙은 인자: server_id  address  state  capacity(판)  running(판)  version  ttl_ms  pool
--          boot_id (뜬 프로세스)  left_ms (가장 오래 남은 판의 남은 시간)
--          drain_left_ms (남은 유예. 드레인 중이 아니면 -1)
--          opening (열고 있는 판의 목록. 굳혔지만 아직 돌지 않는 판이 부하에서 빠지지 않고, 임대와 겹쳐 세지도 않는다)
-- 답       {부하(판), 드레인 지시 0|1, 유예 ms(서버의 기본값이면 -1), 처음 보는 서버인가 0|1}   시각은 Redis의 것
-- 불변조건 부하 = 서버가 말한 도는 판과 여는 판 + 서버가 아직 모르는 산 임대.
local arg = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local opening, lapsed, leases = {}, {}, 0
for i = 1, #arg.opening do
  opening['lease:' .. arg.opening[i]] = true
end
local row = redis.call('HGETALL', KEYS[1])
local is_new = #row == 0 and 1 or 0
for i = 1, #row, 2 do
  if string.sub(row[i], 1, 6) == 'lease:' then
    if tonumber(row[i + 1]) <= now_ms then
      lapsed[#lapsed + 1] = row[i]
    elseif not opening[row[i]] then
      leases = leases + 1
    end
  end
end
local load = tonumber(arg.running) + #arg.opening + leases
redis.call('HSET', KEYS[1], 'address', arg.address, 'state', arg.state, 'capacity', arg.capacity,
  'running', arg.running, 'version', arg.version, 'pool', arg.pool, 'boot', arg.boot_id,
  'left', arg.left_ms, 'drain_left', arg.drain_left_ms, 'seen', now_ms)
redis.call('PEXPIRE', KEYS[1], arg.ttl_ms)
redis.call('ZADD', KEYS[2], load, arg.server_id)
for i = 1, #lapsed do
  redis.call('HDEL', KEYS[1], lapsed[i])
end
local grace_ms = redis.call('HGET', KEYS[4], arg.server_id)
return { load, redis.call('SISMEMBER', KEYS[3], arg.server_id), tonumber(grace_ms or '-1'), is_new }
